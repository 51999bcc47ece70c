"""The way into members: the role that an account of the organization lets the guardian assume."""

from functools import partial
from typing import Any

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import Session, get_session

from pitr_guardian.aws.errors import code_of
from pitr_guardian.aws.rights import passes_on
from pitr_guardian.basics.errors import MemberClosedError
from pitr_guardian.settings import member_role_from, setting

_CLOSED = frozenset({"AccessDenied", "AccessDeniedException"})
"""STS's word for a role that isn't there, that doesn't trust the caller, and that the caller may
not assume: it tells nobody which of them it is."""


def session_of(account: str, partition: str, own: Session, config: Config) -> Session:
    """Make a session of another account; its role is assumed when a client first asks for it.

    Args:
        account: the account's id.
        partition: AWS's partition.
        own: the session of the guardian's own account.
        config: how to call STS.

    Raises:
        MemberClosedError: the guardian has no members.
    """
    role = member_role_from()
    if not role:
        raise MemberClosedError(
            account,
            f"account {account} is not the guardian's own, and it has no members: the parameter "
            "OrganizationId of its stack names the organization whose accounts may be",
        )
    session = get_session()
    # The models of AWS's services are read once, and not for each account.
    session.register_component("data_loader", own.get_component("data_loader"))
    session.register_component(
        "credential_provider", _Member(account, partition, role, own, config)
    )
    return session


class _Member:
    """What a session of botocore has its credentials from (its component ``credential_provider``).

    They are kept until they run out, as botocore keeps all credentials that do.
    """

    def __init__(
        self, account: str, partition: str, role: str, own: Session, config: Config
    ) -> None:
        self._account = account
        self._role = f"arn:{partition}:iam::{account}:role/{role}"
        self._fetcher = AssumeRoleCredentialFetcher(
            partial(own.create_client, config=config),
            own.get_credentials(),
            self._role,
            # The job's name, which the account's own trail then tells with each call.
            extra_args={"RoleSessionName": setting("AWS_LAMBDA_FUNCTION_NAME")},
        )

    def load_credentials(self) -> DeferredRefreshableCredentials:
        """Give the session its credentials."""
        return DeferredRefreshableCredentials(self._assume_role, "assume-role")

    @passes_on(
        "sts:AssumeRole", on="member role", why="botocore: signs calls in a member's account"
    )
    def _assume_role(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._fetcher.fetch_credentials()
        except ClientError as error:
            if code_of(error) in _CLOSED:
                raise MemberClosedError(self._account, self._words()) from error
            raise
        return found

    def _words(self) -> str:
        return (
            f"account {self._account} doesn't let the guardian in: the role {self._role} isn't "
            "there, or doesn't trust it; deploy organization/member.yaml to the account in the "
            f"region that its MainRegion names, with the GuardianAccountId {setting('ACCOUNT')}"
        )
