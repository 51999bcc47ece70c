"""What a report needs of the world: ``aws`` fulfils these protocols, and so do fakes."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from pitr_guardian.report.history import Past
from pitr_guardian.report.sweep import Part, Sweep


class Archive(Protocol):
    """Where sweeps leave their parts, and reports are put."""

    def sweep(self, sweep_id: str) -> Sweep:
        """Read how a sweep went."""

    def parts_of(self, sweep_id: str) -> Iterable[Part]:
        """Read the parts of a sweep, in the order of their keys."""

    def keep(self, key: str, body: bytes, content_type: str) -> str:
        """Put a file there, over the one of this key if there is one.

        Returns:
            its URI.
        """


class History(Protocol):
    """What the ledger remembers of the past."""

    def past(self, kinds: Collection[str], since: datetime) -> Past:
        """Read the incidents of these kinds since an instant, and every restore.

        What is remembered of tables whose drift is noted, or left alone, comes with them.
        """
