"""Whether a restore can be granted: checked before anything is started, in AWS's own order."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from pitr_guardian.instants import iso
from pitr_guardian.observation import Observed, Presence
from pitr_guardian.restore_request import RestoreRequest
from pitr_guardian.table import TableRef


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which tables may be restored from and to: IAM wildcards, as in the functions' roles."""

    source: str = "*"
    target: str = "*"


def refusal(
    request: RestoreRequest,
    source: TableRef,
    target: TableRef,
    observed: Observed,
    target_taken: bool,
    bounds: Bounds,
) -> str | None:
    """Tell why a restore can't be granted, and what to do about it; None where it can.

    Args:
        request: the request.
        source: its source.
        target: its target.
        observed: the source as it is now.
        target_taken: whether a table of the target's name exists.
        bounds: the stack's limits.
    """
    return (
        _out_of_bounds(source, target, bounds)
        or _unusable_source(source, observed)
        or _outside_the_window(request, observed)
        or _taken(target, target_taken)
    )


def _out_of_bounds(source: TableRef, target: TableRef, bounds: Bounds) -> str | None:
    if not _like(source.name, bounds.source):
        return (
            f"sourceTable: the stack restores from tables named {bounds.source} only; "
            "widen its parameter RestoreSourcePattern to restore this one"
        )
    if not _like(target.name, bounds.target):
        return (
            f"targetTable: the stack restores to tables named {bounds.target} only; "
            "choose such a name, or widen its parameter RestoreTargetPattern"
        )
    return None


def _unusable_source(source: TableRef, observed: Observed) -> str | None:
    if observed.presence in (Presence.GONE, Presence.GOING):
        return f"sourceTable: there is no table {source}; check the name, the region and the case"
    if observed.presence is Presence.NOT_READY:
        return f"sourceTable: {source} is still {observed.status}; ask again when it is ACTIVE"
    if not observed.pitr_on:
        return (
            f"sourceTable: PITR is off on {source}, so there is nothing to restore from; "
            "look for an on-demand backup instead"
        )
    return None


def _outside_the_window(request: RestoreRequest, observed: Observed) -> str | None:
    window, instant = observed.window, request.instant
    if instant is None or window is None or window.earliest <= instant <= window.latest:
        return None
    bounds = f"the table can be restored to {iso(window.earliest)} up to {iso(window.latest)}"
    if instant > window.latest:
        return (
            f"restoreTo: {iso(instant)} can't be restored to yet: {bounds}; "
            "ask again in a few minutes, or for `latest`"
        )
    return f"restoreTo: {iso(instant)} is too early: {bounds}; choose an instant in between"


def _taken(target: TableRef, taken: bool) -> str | None:
    if not taken:
        return None
    return f"targetTable: a table {target} exists already; choose another name, or delete it first"


def _like(name: str, pattern: str) -> bool:
    """Match as IAM does: only `*` and `?` are wildcards."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))
