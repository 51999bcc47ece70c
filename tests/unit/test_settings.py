"""A setting that is missing or no good is named."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from pitr_guardian.settings import (
    MissingSettingError,
    home_from,
    policy_from,
    setting,
)
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from pitr_guardian.tables.reference import Home

ENVIRONMENT = {
    "MODE": "notify-only",
    "RECOVERY_PERIOD_IN_DAYS": "14",
    "EXEMPT_TAG_KEY": "no-pitr",
    "RECOVERY_PERIOD_TAG_KEY": "pitr-days",
    "BIRTH_GRACE_MINUTES": "0",
    "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
    "MAXIMUM_EXEMPTION_DAYS": "0",
    "PARTITION": "aws-cn",
    "ACCOUNT": "111122223333",
    "AWS_REGION": "cn-north-1",
}
POLICY = {name for name in ENVIRONMENT if name not in {"PARTITION", "ACCOUNT", "AWS_REGION"}}


def test_the_policy_is_what_the_template_says() -> None:
    assert policy_from(ENVIRONMENT) == Policy(
        mode=Mode.NOTIFY_ONLY,
        default_period=14,
        exempt_tag="no-pitr",
        period_tag="pitr-days",
        birth_grace=timedelta(0),
    )


def test_home_is_where_the_stack_lives() -> None:
    assert home_from(ENVIRONMENT) == Home("aws-cn", "111122223333", "cn-north-1")


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    read: Callable[[Mapping[str, str]], object] = policy_from if name in POLICY else home_from
    with pytest.raises(MissingSettingError, match=f"the environment variable {name} is not set"):
        read(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "Remediate"),
        ("RECOVERY_PERIOD_IN_DAYS", "many"),
        ("RECOVERY_PERIOD_IN_DAYS", ""),
        ("BIRTH_GRACE_MINUTES", "1h"),
    ],
)
def test_a_variable_that_is_no_good_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(MissingSettingError) as refused:
        policy_from(ENVIRONMENT | {name: value})
    assert name in str(refused.value)
    assert repr(value) in str(refused.value)


def test_a_setting_comes_from_the_process_where_nothing_else_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    assert setting("LEDGER_TABLE") == "ledger"
