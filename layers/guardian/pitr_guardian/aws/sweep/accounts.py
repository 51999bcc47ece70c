"""The accounts of the organization, as AWS Organizations names them."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import RefusedError, TryLaterError


class OrganizationsClient(Protocol):
    """boto3's client, as far as it is used."""

    def get_paginator(self, operation_name: Literal["list_accounts"]) -> Any:
        """Give the paginator of an operation."""


class OrganizationAccounts:
    """``sweep.ports.AccountNames`` on AWS Organizations.

    It answers the management account and delegated administrators (API reference, ListAccounts).
    Whoever isn't one is refused, and does without names.
    """

    def __init__(self, client: "Callable[[], OrganizationsClient]") -> None:
        """Take the door to AWS Organizations."""
        self._client = client

    @needs("organizations:ListAccounts", on="everything")
    def names(self) -> Mapping[str, str]:
        """See ``sweep.ports.AccountNames``."""
        try:
            with refused_if_final(), later_if_passing():
                pages = self._client().get_paginator("list_accounts").paginate()
                return {each["Id"]: each["Name"] for page in pages for each in page["Accounts"]}
        except (RefusedError, TryLaterError):
            return {}
