"""What a sweep needs of the world, as protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pitr_guardian.drift.look import Look
from pitr_guardian.drift.memory import Memory
from pitr_guardian.report.sweep import Region, Sweep, TableRow
from pitr_guardian.sweep.rounds import Leg, Noted
from pitr_guardian.tables.observation import (
    Seen,
    Switch,
)
from pitr_guardian.tables.reference import Place, Scope, TableRef

type Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a region's list of tables; ``last`` is where the next begins, None at the end."""

    tables: Sequence[TableRef]
    last: str | None


class Catalogue(Protocol):
    """The tables of each scope. Each method but ``tags`` is one call to AWS."""

    def page(self, scope: Scope, after: str | None, size: int) -> Page:
        """List the tables after the one of that name, at most 100.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """

    def switch(self, table: TableRef) -> Switch | None:
        """Read a table's PITR; None where there is no such table (any more, or as yet).

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """

    def see(self, table: TableRef, switch: Switch) -> Seen | None:
        """See which table has a name, and how it stands, with its PITR; None as above.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """

    def tags(self, scope: Scope, keys: Sequence[str]) -> Mapping[TableRef, Tags]:
        """Tell the tags of those tables of a scope that have one of these keys.

        AWS's index of tags may be some seconds behind.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class Sightings(Protocol):
    """The ledger, as far as a sweep reads and writes it."""

    def recall_all(self, tables: Sequence[TableRef]) -> Mapping[TableRef, Memory]:
        """Tell what is remembered under the names of at most 100 tables; unknown ones are out."""

    def sighted(self, table: TableRef, memory: Memory) -> None:
        """Remember how a table in order was seen: which it is, its period and its window.

        Not where newer is known, nor while a drift is noted: what it cost is told by what was known
        before it.
        """

    def found_off(self, table: TableRef, memory: Memory, at: datetime) -> None:
        """Remember that a table isn't as it should be, and when it was last known to be.

        Once for each time: later sweeps find it so, too, and know no more of what was before.

        Args:
            table: the table.
            memory: what is remembered of it, with the last moment at which it was known to be on.
            at: when it was found.
        """


class Trails(Protocol):
    """CloudTrail."""

    def records_switching(self, place: Place) -> bool:
        """Tell whether a trail delivers calls that switch PITR in a place to EventBridge.

        Raises:
            RefusedError: it can't be told; the text says why.
            TryLaterError: throttled, or a fault on AWS's side.
        """


class Warnings(Protocol):
    """What was last told of a scope, and when it was last swept, in the ledger."""

    def last_told(self, scope: Scope) -> datetime | None:
        """Tell when it was last told that a scope has no trail."""

    def note_told(self, scope: Scope, at: datetime) -> None:
        """Remember that it was told."""

    def last_swept(self, scope: Scope) -> datetime | None:
        """Tell when the scope's last complete sweep began."""


class Requests(Protocol):
    """The enforcement queue, as far as a sweep uses it."""

    def put_all(self, looks: Sequence[Look]) -> None:
        """Put looks on the queue; returns when it has taken all of them."""


class Parts(Protocol):
    """Where the report finds what a sweep found, and a stretch what the first one read."""

    def keep_tags(self, sweep_id: str, scope: Scope, tags: Mapping[TableRef, Tags]) -> None:
        """Keep a scope's tags for the stretches to come; keeping them again replaces them."""

    def tags_kept(self, sweep_id: str, scope: Scope) -> Mapping[TableRef, Tags] | None:
        """Tell the tags that were kept; None where none are."""

    def write(self, sweep_id: str, scope: Scope, number: int, rows: Sequence[TableRow]) -> None:
        """Write one part; writing it again replaces it."""


class RoundLists(Protocol):
    """Where the workflow finds what there is to sweep in a round."""

    def list_round(self, sweep_id: str, number: int, legs: Sequence[Leg]) -> tuple[str, str]:
        """Write the list of a round, over one that was written before; returns bucket and key."""

    def round(self, sweep_id: str, number: int) -> Sequence[Leg]:
        """Read the list of a round."""


class Concurrency(Protocol):
    """The account's Lambda."""

    def functions_at_once(self) -> int:
        """Tell how many functions may run at once, of those that reserved nothing.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: it may not be asked.
        """


class Notes(Protocol):
    """What the workflow noted of each scope, in the ledger."""

    def noted_of(self, sweep_id: str) -> Sequence[Noted]:
        """Tell how far a sweep has come in each scope that was noted, by account and region."""


class Results(Protocol):
    """The same, when a sweep is over."""

    def results_of(self, sweep_id: str) -> Sequence[Region]:
        """Tell how a sweep went in each scope that was noted, by account and region."""


class Summaries(Protocol):
    """Where the report finds how a sweep went."""

    def keep_sweep(self, sweep: Sweep) -> None:
        """Keep it; keeping it again replaces it."""


class AccountNames(Protocol):
    """The organization's names for its accounts."""

    def names(self) -> Mapping[str, str]:
        """Tell each account's name by its id; none where nobody tells."""


class NamesKept(Protocol):
    """Where alerts find the names of accounts. Both may raise ``TryLaterError``."""

    def names_kept(self) -> Mapping[str, str]:
        """Tell what is kept, by account."""

    def keep_name(self, account: str, name: str) -> None:
        """Keep what an account is called."""
