"""The adapters say beside each call what it needs of IAM: that, and nothing else."""

from __future__ import annotations

from typing import get_args

import pytest

from pitr_guardian.aws import rights
from tests.infrastructure.rights.source import Function, adapters, functions_in, noted

ADAPTERS = {
    f"{module}.{name}": (module, name)
    for (module, name), function in adapters().items()
    if function.calls or function.unclear or noted((module, name))
}


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_function_says_what_its_calls_need(adapter: str) -> None:
    function = adapters()[ADAPTERS[adapter]]
    said = {action for action, _, why in noted(function.name) if not why}
    assert said == function.calls


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_call_is_on_a_client_that_is_known(adapter: str) -> None:
    assert not adapters()[ADAPTERS[adapter]].unclear


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_what_is_passed_on_has_a_reason_and_no_call_of_its_own(adapter: str) -> None:
    function = adapters()[ADAPTERS[adapter]]
    assert not {action for action, _, why in noted(function.name) if why} & function.calls


def test_every_kind_of_resource_is_used() -> None:
    used = {kind for name in ADAPTERS.values() for _, kind, _ in noted(name)}
    assert used == set(get_args(rights.Kind.__value__))


def test_every_client_is_somebodys() -> None:
    assert len({call.partition(":")[0] for each in adapters().values() for call in each.calls}) > 10


# -- how a call is recognised -----------------------------------------------------------------

ADAPTER = """
from collections.abc import Callable
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.tables.tables import ClientFor, tags_of

class Example:
    def __init__(self, client_for: ClientFor, queue: "SQSClient", keys: KmsKeys) -> None:
        self._client_for = client_for
        self._queue = queue
        self._keys = keys
        self._made = KmsKeys(client_for)
        self._noted: KmsKeys = KmsKeys(client_for)

    def example(self, scaling_for: "Callable[[Place], ApplicationAutoScalingClient]", it) -> None:
        {body}
"""


def example(body: str) -> Function:
    found = functions_in(ADAPTER.replace("{body}", body), "pitr_guardian.aws.example")
    return found["pitr_guardian.aws.example", "Example.example"]


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ("self._queue.send_message_batch(QueueUrl='')", {"sqs:SendMessage"}),
        ("self._client_for('x').describe_table(TableName='')", {"dynamodb:DescribeTable"}),
        ("client = self._client_for('x'); client.scan()", {"dynamodb:Scan"}),
        ("client = self._client_for('x'); client.get_paginator('scan')", {"dynamodb:Scan"}),
        ("call = self._queue.purge_queue if it else None", {"sqs:PurgeQueue"}),
        (
            "scaling_for('x').get_paginator('describe_scaling_policies').paginate()",
            {"application-autoscaling:DescribeScalingPolicies"},
        ),
        (
            "it = [{'Put': {}}, {'Delete': {}}]; self._client_for('').transact_write_items(it)",
            {"dynamodb:PutItem", "dynamodb:DeleteItem"},
        ),
        ("raise self._queue.exceptions.QueueDoesNotExist", set()),
    ],
)
def test_a_call_is_recognised(body: str, calls: set[str]) -> None:
    assert example(body).calls == calls
    assert not example(body).unclear


@pytest.mark.parametrize(
    "body",
    ["it.delete_table(TableName='')", "it.get_paginator('scan')", "self._queue.abolish()"],
)
def test_a_call_on_who_knows_what_is_not_overlooked(body: str) -> None:
    assert example(body).unclear


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ("self.other()", ("pitr_guardian.aws.example", "Example.other")),
        ("map(self.other, [])", ("pitr_guardian.aws.example", "Example.other")),
        (
            "self._keys.is_aws_managed('', '')",
            ("pitr_guardian.aws.restore.keys", "KmsKeys.is_aws_managed"),
        ),
        (
            "self._made.is_aws_managed('', '')",
            ("pitr_guardian.aws.restore.keys", "KmsKeys.is_aws_managed"),
        ),
        (
            "map(self._noted.is_aws_managed, [])",
            ("pitr_guardian.aws.restore.keys", "KmsKeys.is_aws_managed"),
        ),
        (
            "KmsKeys(it).problem_with('', '')",
            ("pitr_guardian.aws.restore.keys", "KmsKeys.problem_with"),
        ),
        ("tags_of(it, it)", ("pitr_guardian.aws.tables.tables", "tags_of")),
    ],
)
def test_what_others_call_is_followed(body: str, used: tuple[str, str]) -> None:
    assert used in example(body).uses
