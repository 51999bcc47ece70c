"""What enforcing needs of the world, as protocols: ``aws`` fulfils them, and so do fakes.

Each protocol is as narrow as the use case that asks for it: what a function may do on AWS follows
from the protocols of its use cases (``aws.rights``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pitr_guardian.tables.ports import (
    KeptBackups,
    PitrSwitch,
    Recollection,
    TableObserver,
)

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Sequence
    from datetime import datetime

    from pitr_guardian.drift.look import Look
    from pitr_guardian.drift.memory import (
        Drift,
        Failing,
        Memory,
        Mended,
        PutRight,
    )
    from pitr_guardian.facts.facts import Fact
    from pitr_guardian.tables.reference import TableRef


class Tables(TableObserver, PitrSwitch, Protocol):
    """Tables as enforcing needs them."""


class FactClaims(Protocol):
    """Facts that are told once."""

    def claim_fact(self, table: TableRef, fact_id: str, claimant: str, now: datetime) -> bool:
        """Claim the telling of a fact that is told once; False where it was told, or another does.

        A claim can be taken again by its claimant, and by anybody once it is stale.
        """

    def settle_fact(self, table: TableRef, told: Fact) -> None:
        """Record a claimed fact as told."""


class DeletionRecord(Recollection, FactClaims, Protocol):
    """What is remembered of each table, as telling of deletions needs it."""

    def let_expire(
        self, table: TableRef, table_id: str | None, deleted_at: datetime, now: datetime
    ) -> None:
        """Let what is remembered of a deleted table go, after what may still be asked of it.

        What is known of another bearer of the name stays. Where an id isn't known, what was seen
        or born before the deletion is the deleted table's, and nothing else is. Whatever is written
        later of a table that is there keeps it for good again.

        Args:
            table: the table's name.
            table_id: the deleted table's id; None where that isn't told.
            deleted_at: when it was deleted.
            now: the time of now.
        """


class Ledger(Recollection, FactClaims, Protocol):
    """What is remembered of each table, as enforcing needs it."""

    def notice(
        self,
        table: TableRef,
        table_id: str | None,
        drift: Drift,
        born_at: datetime | None = None,
    ) -> Memory:
        """Note a drift, and tell what is remembered; arguments as of ``recall``.

        Not noted is what was found before PITR was last known to be on, since somebody else has
        put that right; nor is anything while another drift is noted and not settled. PITR that was
        found off confirms a suspicion of that.

        Raises:
            TryLaterError: others write about the table at this very moment.
        """

    def suspect(self, table: TableRef, drift: Drift) -> Memory | None:
        """Note a suspicion, before the table is looked at, and tell what is remembered.

        Noted is only what can't be old news, of a table that is known: the event behind it is of
        a later second than the last sight of its PITR on, no drift is noted, and the record isn't
        that of a table whose deletion was told.

        Args:
            table: the table.
            drift: the suspicion, with the event as its cause.

        Returns:
            what is remembered of the table that was last seen under the name, the suspicion
            included; None where it wasn't noted.
        """

    def take_back(self, table: TableRef, suspicion: Drift) -> None:
        """Forget a suspicion, unless a look has confirmed it or claimed its telling."""

    def remember(self, table: TableRef, memory: Memory) -> None:
        """Remember a table that is in order, unless something newer is known; settles nothing."""

    def note_failing(self, table: TableRef, failing: Failing) -> None:
        """Remember that a table can't be protected, until it is remembered as in order."""

    def claim(
        self,
        table: TableRef,
        drift: Drift,
        claimant: str,
        now: datetime,
        put_right: PutRight | None = None,
    ) -> bool:
        """Claim the telling of a noted drift; False where another has it, or it is settled.

        A claim can be taken again by its claimant, and by anybody once it is stale. ``put_right``
        is remembered with the drift until that is settled.
        """

    def settle(
        self, table: TableRef, memory: Memory, told: Fact | None, noted: Drift | None = None
    ) -> None:
        """Record the incident that was told, if any, and what is remembered now, without drift.

        Where ``noted`` says which drift is settled, and another is noted by now, or was and is
        settled, only the incident is recorded: what is known since stays.
        """

    def mend(self, table: TableRef, memory: Memory, mended: Mended) -> None:
        """Record a claimed drift as put right and untold, and what is remembered now."""

    def mended(self, table: TableRef) -> Sequence[Mended]:
        """List what was put right and isn't told yet, oldest first."""

    def claim_mended(self, table: TableRef, mended: Mended, claimant: str, now: datetime) -> bool:
        """Claim the telling of a mended drift, as ``claim`` does; False where it was told."""

    def settle_mended(self, table: TableRef, mended: Mended, told: Fact) -> None:
        """Record the incident that was told, and forget that it waited."""


class Looks(Protocol):
    """The enforcement queue."""

    def put_back(self, look: Look) -> None:
        """Put a look on the queue, to come back after its delay."""

    def put_all(self, looks: Sequence[Look]) -> None:
        """Put looks on the queue; returns when it has taken all of them.

        Raises:
            TryLaterError: it took only a part.
        """


class DeletionBackups(KeptBackups, Protocol):
    """The same, and what they tell of a deleted table."""

    def birth_of_table(self, table: TableRef, backup_arn: str) -> datetime | None:
        """Tell when a table was born that a backup is of; None where the backup is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """
