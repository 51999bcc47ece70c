"""What the copies that drills make are called."""

COPY_PREFIX = "pitr-guardian-drill-"
"""What the names of all copies begin with; only the ledger tells a copy from somebody's table."""


def copy_name(drill_id: str) -> str:
    """The name of a drill's copy."""
    return f"{COPY_PREFIX}{drill_id}"


def is_named_like_a_copy(table: str) -> bool:
    """Whether a table of this name may be a copy."""
    return table.startswith(COPY_PREFIX)
