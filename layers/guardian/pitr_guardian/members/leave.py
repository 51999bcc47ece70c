"""What a member allows beyond being looked after: its role's tags say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from pitr_guardian.basics.errors import MemberClosedError
from pitr_guardian.members.ports import RoleTags
from pitr_guardian.tables.reference import Home, TableRef


class Deed(Enum):
    """What has to be allowed: the role's tag, the parameter that sets it, and what it is called."""

    RESTORE = "pitr-guardian:allow-restores", "AllowRestores", "restores"
    UNDO = "pitr-guardian:allow-undo", "AllowUndo", "undos"
    DRILL = "pitr-guardian:allow-restores", "AllowRestores", "drills"
    """A drill is a restore, whose copy is read and removed: who allows the one allows the other."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Tells whether a table's account allows something, before anything of it is begun."""

    roles: RoleTags
    home: Home
    has_members: bool

    def why_not(self, table: TableRef, deed: Deed) -> str | None:
        """Tell why it isn't allowed, and what to do; None where it is.

        Raises:
            TryLaterError: the account can't be asked now.
            RefusedError: its role may not read its own tags.
        """
        if table.account == self.home.account:
            return None
        tag, parameter, what = deed.value
        try:
            tags: Mapping[str, str] = self.roles.tags_of_role(table)
        except MemberClosedError as closed:
            return str(closed)
        if tags.get(tag) == "true":
            return None
        return (
            f"account {table.account} doesn't allow {what}: update its stack of "
            f"organization/member.yaml with {parameter}=true"
        )
