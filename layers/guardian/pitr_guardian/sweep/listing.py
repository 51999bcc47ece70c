"""The beginning of a sweep: what there is to sweep is listed, for the workflow to go along."""

from dataclasses import dataclass

from pitr_guardian.members.scopes import Scopes
from pitr_guardian.sweep.ports import ScopeList, ScopeLists


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists scopes where the workflow finds them."""

    scopes: Scopes
    lists: ScopeLists

    def run(self, sweep_id: str) -> ScopeList:
        """Write the list of a sweep; doing it again is harmless.

        Raises:
            TryLaterError: members can't be listed, or their silence told, now.
        """
        return self.lists.list_scopes(sweep_id, self.scopes.all())
