"""The roles that members let the guardian assume, as they see themselves."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.rights import needs
from pitr_guardian.tables.reference import Place

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class MemberRoles:
    """``members.ports.RoleTags`` on IAM."""

    def __init__(self, client_for: "Callable[[Place], IAMClient]", role: str) -> None:
        """Take the door to IAM, and what the role is called in all accounts."""
        self._client_for = client_for
        self._role = role

    # Of the member's role, which assumes nothing: the guardian's own needs no such right.
    @needs("iam:ListRoleTags", on="member role")
    def tags_of_role(self, place: Place) -> Mapping[str, str]:
        """See ``members.ports.RoleTags``. One page: a role has at most 50 tags (IAM quotas)."""
        with refused_if_final(), later_if_passing():
            tags = self._client_for(place).list_role_tags(RoleName=self._role)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}
