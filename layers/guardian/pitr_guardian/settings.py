"""The functions' settings, read from the environment that ``template.yaml`` gives them."""

import os
from collections.abc import Callable, Mapping
from datetime import timedelta

from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from pitr_guardian.tables.reference import Home


class MissingSettingError(KeyError):
    """An environment variable that the template sets isn't there, or is no good."""


def setting(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Read one variable.

    Raises:
        MissingSettingError: it isn't set; the text names it.
    """
    try:
        return environment[name]
    except KeyError:
        raise MissingSettingError(f"the environment variable {name} is not set") from None


def _as[Value](kind: Callable[[str], Value], name: str, environment: Mapping[str, str]) -> Value:
    text = setting(name, environment)
    try:
        return kind(text)
    except ValueError:
        raise MissingSettingError(
            f"the environment variable {name} is {text!r}, which is no good"
        ) from None


def number(name: str, environment: Mapping[str, str] = os.environ) -> int:
    """Read a variable that holds a whole number."""
    return _as(int, name, environment)


def names(name: str, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Read a variable that holds names, separated by commas."""
    each = (part.strip() for part in setting(name, environment).split(","))
    return tuple(part for part in each if part)


def policy_from(environment: Mapping[str, str] = os.environ) -> Policy:
    """Read the house's policy."""
    return Policy(
        mode=_as(Mode, "MODE", environment),
        default_period=number("RECOVERY_PERIOD_IN_DAYS", environment),
        exempt_tag=setting("EXEMPT_TAG_KEY", environment),
        period_tag=setting("RECOVERY_PERIOD_TAG_KEY", environment),
        birth_grace=timedelta(minutes=number("BIRTH_GRACE_MINUTES", environment)),
        min_period=number("MINIMUM_RECOVERY_PERIOD_IN_DAYS", environment),
        max_exemption_days=number("MAXIMUM_EXEMPTION_DAYS", environment),
    )


def undo_pattern_from(environment: Mapping[str, str] = os.environ) -> str:
    """Read which tables' items may be put back in place; empty: none's."""
    return environment.get("UNDO_TABLE_PATTERN", "")


def member_role_from(environment: Mapping[str, str] = os.environ) -> str:
    """Read which role members let the guardian assume; empty: it has no members."""
    return environment.get("MEMBER_ROLE_NAME", "")


def home_from(environment: Mapping[str, str] = os.environ) -> Home:
    """Read where the stack lives."""
    return Home(
        setting("PARTITION", environment),
        setting("ACCOUNT", environment),
        setting("AWS_REGION", environment),
    )
