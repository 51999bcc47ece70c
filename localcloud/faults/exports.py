"""What can go wrong with an export after it was accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from localcloud.faults.fault import Fault, InWait

type Damage = Literal["missing", "truncated", "corrupt", "short"]
"""Of a data file: it isn't there; its end isn't; a byte in it is another one (both against its
checksum in the manifest); it has an item less than the manifest counts, and the right checksum."""


@dataclass(eq=False)
class ExportFault(Fault):
    """Befalls matching exports that start while it lies in wait, until `times` are used up or `end`
    is called.

    A context manager: leaving it ends the fault. An export that it befell stays so.
    """

    table: str | None
    times: int | None
    code: str
    """FailureCode of an export that shall end FAILED; empty: it ends COMPLETED, with `damage`."""
    message: str
    damage: Damage | None
    _faults: ExportFaults
    struck: list[tuple[datetime, str]] = field(default_factory=list)
    """The exports it befell, by ARN, each with the real time of its start."""

    def end(self) -> None:
        self._faults.end(self)


class ExportFaults(InWait[str, ExportFault]):
    """The faults that lie in wait for exports; the first that matches has its way."""

    def add(
        self,
        table: str | None,
        times: int | None,
        *,
        code: str = "",
        message: str = "",
        damage: Damage | None = None,
    ) -> ExportFault:
        return self.lie(ExportFault(table, times, code, message, damage, self))

    def strike(self, table: str, export_arn: str) -> ExportFault | None:
        """The fault that befalls an export of this table, which starts now."""
        return self.first(lambda fault: fault.table in {None, table}, export_arn)
