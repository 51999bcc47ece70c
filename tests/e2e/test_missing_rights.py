"""A right that a role lacks doesn't go by unnoticed: the whole run fails at its end."""

from __future__ import annotations

import pytest

from localcloud.ministack.refusals import Refusal
from tests.e2e.embedded_aws import refused_to_stacks
from tests.e2e.guardian import Guardian

SESSION = "arn:aws:sts::123456789012:assumed-role"
OTHERS = [
    "arn:aws:iam::123456789012:user/guardian-alice",
    f"{SESSION}/ci/deployment",
    f"{SESSION}/guardians-reader/now",
]


def test_what_a_role_of_a_stack_is_refused_counts() -> None:
    refusal = Refusal(f"{SESSION}/guardian-EnforceRole-1A/function", "dynamodb:Scan", "ledger")
    assert refused_to_stacks([refusal], {"guardian"}, set()) == {
        "dynamodb:Scan on ledger by guardian-EnforceRole-1A"
    }
    wanted = {("guardian-EnforceRole-1A", "dynamodb:Scan")}
    assert not refused_to_stacks([refusal], {"guardian"}, wanted)


@pytest.mark.parametrize("who", OTHERS)
def test_what_others_are_refused_does_not(who: str) -> None:
    refusals = [Refusal(who, "dynamodb:Scan", "ledger")]
    assert not refused_to_stacks(refusals, {"guardian"}, set())


def test_the_roles_of_the_stack_are_known_by_its_name(guardian: Guardian) -> None:
    assert guardian.role_of("EnforceFunction").startswith(f"{guardian.stack.name}-")
    assert guardian.stack.name in guardian.aws.stacks
