"""What can go wrong with an export after it was accepted."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from localcloud.faults.fault import Fault

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


class ExportFaults:
    """The faults that lie in wait for exports; the first that matches has its way."""

    def __init__(self) -> None:
        self._faults: list[ExportFault] = []
        self._lock = threading.Lock()

    def add(
        self,
        table: str | None,
        times: int | None,
        *,
        code: str = "",
        message: str = "",
        damage: Damage | None = None,
    ) -> ExportFault:
        fault = ExportFault(table, times, code, message, damage, self)
        with self._lock:
            self._faults.append(fault)
        return fault

    def end(self, fault: ExportFault) -> None:
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def strike(self, table: str, export_arn: str) -> ExportFault | None:
        """The fault that befalls an export of this table, which starts now."""
        with self._lock:
            for fault in self._faults:
                if fault.table not in {None, table}:
                    continue
                fault.struck.append((datetime.now(UTC), export_arn))
                if fault.hits == fault.times:
                    self._faults.remove(fault)
                return fault
        return None
