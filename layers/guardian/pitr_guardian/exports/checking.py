"""Exports on their way: what is waited for, what failed, and where the files of one are."""

from datetime import datetime
from typing import Any

from pitr_guardian.basics.instants import iso
from pitr_guardian.exports.manifest import ExportKind, files_list_of
from pitr_guardian.exports.ports import ExportState, HistoryGoneError, ReadableObjects
from pitr_guardian.tables.observation import Switch
from pitr_guardian.tables.reference import TableRef

_WAIT, _LONGEST_WAIT = 20, 300
_LARGEST_SUMMARY = 1 << 20
_AFTER_FAILURE = {
    "S3NoSuchBucket": "the bucket is gone: deploy the stack again",
    "AccessDenied": "see that the bucket, and its key, let the guardian's role write",
    "KMSAccessDenied": "see that the bucket's key lets the guardian's role use it",
}


class ExportFailedError(Exception):
    """An export of the table's history failed; the text says why, and what to do."""


def waiting(table: TableRef, switch: Switch | None, until: datetime) -> dict[str, Any] | None:
    """Tell how long to wait until a table's history can be exported up to an instant.

    Args:
        table: the table.
        switch: its PITR, as it is now; None where the table is gone.
        until: the end of the last export.

    Returns:
        None where it can be exported now, or ``{"started": False, "waitSeconds": 60, "why": "…"}``.

    Raises:
        HistoryGoneError: the table or its PITR is gone.
    """
    if switch is None:
        raise HistoryGoneError(f"{table} was deleted since the request")
    if not switch.on or switch.window is None:
        raise HistoryGoneError(
            f"PITR was switched off on {table} since the request, and the history of its items is "
            "gone with it"
        )
    missing = (until - switch.window.latest).total_seconds()
    if missing <= 0:
        return None
    return {
        "started": False,
        "waitSeconds": min(max(int(missing), _WAIT), _LONGEST_WAIT),
        "why": f"the history of {table.name} is there up to {iso(switch.window.latest)} so far; it "
        f"is wanted up to {iso(until)}",
    }


def is_over(state: ExportState) -> bool:
    """Tell whether an export is COMPLETED.

    Raises:
        ExportFailedError: it FAILED; the text says of what, and what to do.
    """
    if state.status == "FAILED":
        code = (state.failure or "").partition(":")[0]
        remedy = _AFTER_FAILURE.get(code, "see what AWS says, and ask again")
        raise ExportFailedError(
            f"the export {state.arn} of the table's history failed ({state.failure}); {remedy}"
        )
    return state.status == "COMPLETED"


def files_list(
    objects: ReadableObjects,
    state: ExportState,
    prefix: str,
    kind: ExportKind = "INCREMENTAL_EXPORT",
) -> str:
    """The key of the ``manifest-files.json`` of an export that is COMPLETED.

    Args:
        objects: the bucket.
        state: of the export.
        prefix: what all of the export's keys begin with.
        kind: of the export.

    Raises:
        ExportFailedError: its files aren't there.
    """
    summary = state.manifest
    if summary is None or not summary.startswith(prefix):
        raise ExportFailedError(f"the export {state.arn} has no manifest under {prefix}")
    with objects.open(summary) as content:
        key = files_list_of(content.read(_LARGEST_SUMMARY), summary, kind)
    if not key.startswith(prefix):
        raise ExportFailedError(f"the export {state.arn} has its files outside {prefix}")
    return key
