"""The service control policies of docs/policies: nobody but the guardian switches PITR.

The embedded AWS has no organizations' policies. As a policy of the caller it says the same: a Deny
counts wherever it stands, and without an Allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.embedded_aws import Caller
from tests.e2e.guardian import Guardian

POLICIES = Path(__file__).parents[2] / "docs/policies"
SCPS = {path.stem: path.read_text() for path in POLICIES.glob("scp-*.json")}


@pytest.fixture
def under_scp(guardian: Guardian) -> Iterator[None]:
    """The function that enforces is under the policy, too."""
    iam, role = guardian.client("iam"), guardian.role_of("EnforceFunction")
    for policy, document in SCPS.items():
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)
    yield
    for policy in SCPS:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)


@pytest.fixture
def administrator(guardian: Guardian) -> Caller:
    """Somebody who may do anything that the policy doesn't deny."""
    caller = guardian.user("*")
    name = caller.arn.rpartition("/")[2]
    iam = guardian.client("iam")
    for policy, document in SCPS.items():
        iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=document)
    return caller


def is_refused(call: Callable[[], Any]) -> bool:
    with pytest.raises(ClientError, match="not authorized") as raised:
        call()
    return "AccessDenied" in raised.value.response["Error"]["Code"]


@pytest.mark.usefixtures("under_scp")
def test_an_administrator_switches_no_pitr_off_and_the_guardian_still_switches_it_on(
    guardian: Guardian, administrator: Caller
) -> None:
    table = guardian.create_table(caller=administrator)
    guardian.fact(table, "Table Protected")
    assert is_refused(lambda: guardian.switch(table, on=False, caller=administrator))
    assert is_refused(lambda: guardian.switch(table, on=True, days=1, caller=administrator))
    assert guardian.period(table) == 35


def test_an_administrator_leaves_the_guardian_as_it_is(
    guardian: Guardian, administrator: Caller
) -> None:
    rule = guardian.physical_id("DriftRule")
    events = guardian.client("events", caller=administrator)
    assert is_refused(lambda: events.disable_rule(Name=rule))
    facts = guardian.stack.outputs["FactBusName"]
    assert is_refused(lambda: events.disable_rule(Name=facts, EventBusName=facts))

    assert is_refused(lambda: events.remove_permission(EventBusName=facts, StatementId="x"))

    function = guardian.physical_id("EnforceFunction")
    functions = guardian.client("lambda", caller=administrator)
    assert is_refused(lambda: functions.delete_function(FunctionName=function))
    assert is_refused(lambda: functions.invoke(FunctionName=function, Payload="{}"))

    queue = guardian.stack.outputs["EnforcementQueueUrl"]
    sqs = guardian.client("sqs", caller=administrator)
    assert is_refused(lambda: sqs.purge_queue(QueueUrl=queue))

    ledger = guardian.stack.outputs["LedgerTableName"]
    item = {"pk": {"S": "sweep"}, "sk": {"S": "forged"}}
    dynamodb = guardian.client("dynamodb", caller=administrator)
    assert is_refused(lambda: dynamodb.put_item(TableName=ledger, Item=item))
    off = {"AttributeName": "expiresAt", "Enabled": False}
    assert is_refused(
        lambda: dynamodb.update_time_to_live(TableName=ledger, TimeToLiveSpecification=off)
    )
