"""How bad what happened to a table is. The table in docs/facts.md says the same, for people.

What is critical wakes somebody. So it is only what is lost, or in danger now, and mattered: it was
protected, or had lived on. What everybody expects, and what can be undone, isn't.
"""

from datetime import timedelta
from typing import Literal

from pitr_guardian.facts.facts import Severity

YOUNG = timedelta(hours=1)
"""A table that was deleted at this age is told as information: a test's, or a trial's."""

type Happening = Literal[
    "PITR Re-enabled",
    "Recovery Period Restored",
    "History Lost",
    "Table Protected",
    "Drift Detected",
    "Drift Tolerated",
    "Exemption Invalid",
    "Exemption Expired",
    "Exemption Noted",
    "Period Invalid",
    "Fight Detected",
    "Protection Failed",
    "Table Deleted",
    "Trail Missing",
    "Member Joined",
    "Member Silent",
    "Member Heard Again",
    "Member Closed",
]


def severity_of(
    what: Happening,
    *,
    exempt: bool = False,
    age: timedelta | None = None,
    can_come_back: bool = False,
    was_protected: bool = True,
    by_leave: bool = False,
    is_far_off: bool = False,
) -> Severity:
    """Tell how bad something is.

    Args:
        what: the fact's detail-type.
        exempt: whether a deleted table was exempt from protection.
        age: how old a deleted table was, where that is known.
        can_come_back: whether any backup of a deleted table is left.
        was_protected: whether a table that drifted ever had PITR on.
        by_leave: whether the table's own tag asked for what cost it restore points.
        is_far_off: whether an exemption ends in more than a year.
    """
    match what:
        case "Table Deleted":
            if exempt or (age is not None and age < YOUNG):
                return "info"
            return "warning" if can_come_back else "critical"
        case "Drift Detected":
            return "critical" if was_protected else "warning"
        case "History Lost":
            return "warning" if by_leave else "critical"
        case "Drift Tolerated":
            return "warning" if is_far_off else "info"
        case "Fight Detected" | "Protection Failed" | "Trail Missing":
            return "critical"
        case "Member Silent" | "Member Closed":
            return "critical"
        case "Table Protected" | "Exemption Noted" | "Member Joined" | "Member Heard Again":
            return "info"
    return "warning"
