"""How the report says things: days, and who called."""

from datetime import date

from pitr_guardian.facts.actor import Actor


def days(count: float) -> str:
    """Say a number of days, to the tenth."""
    tenths = round(count, 1)
    return "1 day" if tenths == 1 else f"{tenths:g} days"


def in_days(day: date, today: date) -> str:
    """Say how far away a day is."""
    match (day - today).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case away if away < 0:
            return "over"
        case away:
            return f"in {away} days"


def caller(actor: Actor) -> str:
    """Name whoever called, without what all of an account's names begin with."""
    # arn:aws:sts::123456789012:assumed-role/deploy/alice: the last part names the caller.
    name = actor.arn.split(":", 5)[-1] if actor.arn else actor.invoked_by or actor.type
    return name or "not known"


def said(actor: Actor) -> str:
    """Name whoever called, and the tool."""
    return f"{caller(actor)} ({actor.tool})" if actor.tool else caller(actor)
