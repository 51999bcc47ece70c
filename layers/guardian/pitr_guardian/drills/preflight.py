"""Whether a table can be drilled: checked before anything is started, in sentences."""

from pitr_guardian.tables.bounds import takes
from pitr_guardian.tables.copies import is_named_like_a_copy
from pitr_guardian.tables.observation import OUT_OF_REACH, Observed, Presence
from pitr_guardian.tables.reference import TableRef


def foreign(account: str, own: str) -> str | None:
    """Tell why an account may not ask; None where it may."""
    if account == own:
        return None
    return (
        f"the event is of the account {account:.20}: others may ask for restores only; ask from "
        f"{own}, whose tables these are"
    )


def out_of_bounds(table: TableRef, pattern: str) -> str | None:
    """Tell why the stack drills no table of this name; None where it does."""
    if is_named_like_a_copy(table.name):
        return f"table: {table.name} is named like the copy of a drill; name the table itself"
    if not takes(pattern, table.name):
        return (
            f"table: the stack restores from tables named {pattern} only; widen its parameter "
            "RestoreSourcePattern to drill this one"
        )
    return None


def unusable(table: TableRef, observed: Observed) -> str | None:
    """Tell why a table can't be restored to an instant now; None where it can."""
    if observed.is_out_of_reach:
        return f"table: {table} is {observed.status}: {OUT_OF_REACH[observed.status]}"
    if observed.presence is Presence.GONE:
        return f"table: there is no table {table}; check the name, the region and the case"
    if observed.presence is Presence.GOING:
        return f"table: {table} is {observed.status}; a table that is there is wanted to compare"
    if observed.presence is Presence.NOT_READY:
        return f"table: {table} is still {observed.status}; ask again when it is ACTIVE"
    if not observed.pitr_on or observed.window is None:
        return (
            f"table: PITR is off on {table}, so that it can't be restored to an instant; switch it "
            "on, and ask again when there is a window"
        )
    return None
