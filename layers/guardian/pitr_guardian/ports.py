"""What the guardian needs of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pitr_guardian.facts import Fact
from pitr_guardian.look import Look
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Observed, Window
from pitr_guardian.restore import Target
from pitr_guardian.table import TableRef


class TryLaterError(Exception):
    """AWS can't do it now and may be able to in a while; the text says why."""


class TargetTakenError(Exception):
    """A table of the restore target's name exists."""


class RequestIdTakenError(Exception):
    """The request id was used before."""


class Tables(Protocol):
    """The tables of the account, wherever they are."""

    def observe(self, table: TableRef) -> Observed:
        """Look at a table. A table that doesn't exist is an observation, not an error.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """

    def enable(self, table: TableRef, period: int) -> Window | None:
        """Switch PITR on, naming the period in days; harmless where it is on.

        Returns:
            the window, where AWS tells it.

        Raises:
            TryLaterError: the table isn't ready for it yet, or gone, or AWS is busy.
        """


class Ledger(Protocol):
    """What is remembered of each table."""

    def recall(self, table: TableRef, table_id: str | None) -> Memory:
        """Tell what is remembered of the table of this name and id."""

    def notice(self, table: TableRef, table_id: str | None, drift: Drift) -> Memory:
        """Note a drift, unless one is noted and not settled, and tell what is remembered.

        One call, since it comes before each remediation.
        """

    def remember(self, table: TableRef, memory: Memory) -> None:
        """Remember a table that is in order, or a drift that is left alone; settles nothing."""

    def claim(self, table: TableRef, drift: Drift, claimant: str, now: datetime) -> bool:
        """Claim the telling of a noted drift; False where another has it, or it is settled.

        A claim can be taken again by its claimant, and by anybody once it is stale.
        """

    def settle(self, table: TableRef, memory: Memory, told: Fact | None) -> None:
        """Record the incident that was told, if any, and what is remembered now, without drift."""

    def expect(self, table: TableRef, period: int) -> None:
        """Remember the own period, in days, of a table that is about to be born, and only that."""


class Facts(Protocol):
    """The fact bus."""

    def publish(self, fact: Fact) -> None:
        """Publish a fact; returns once the bus has taken it."""


class Looks(Protocol):
    """The enforcement queue."""

    def put_back(self, look: Look) -> None:
        """Put a look on the queue, to come back after its delay."""


class Restores(Protocol):
    """Point-in-time restores."""

    def target_of(self, target: TableRef) -> Target | None:
        """Look at a restore's target; None where there is no such table.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """

    def start(
        self, source: TableRef, target: TableRef, instant: datetime | None
    ) -> datetime | None:
        """Start a restore to an instant, or to the latest one.

        Returns:
            the instant that AWS restores to, where it tells.

        Raises:
            TargetTakenError: a table of the target's name exists.
            TryLaterError: too many restores at once, throttled, or a fault on AWS's side.
        """


class Workflows(Protocol):
    """Executions of the restore workflow, one per request id."""

    def request_of(self, request_id: str) -> Mapping[str, Any] | None:
        """Tell the request that an id was used for; None for a fresh id."""

    def start(self, request_id: str, order: Mapping[str, Any]) -> None:
        """Start the workflow.

        Raises:
            RequestIdTakenError: the id was used before, for whatever request.
        """
