"""Restore requests: whatever is asked, there is one answer, and it can be read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.restore.request import (
    RestoreRequest,
    request_from,
)
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import HOME, RestoreWorld, request
from tests.hostile.limits import assert_can_be_told
from tests.hostile.strategies import (
    EVERY_TEXT,
    a_share_each,
    deep,
    json_values,
    large,
    objects,
    texts,
    twisted,
    unicode_texts,
)

EVENT = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
FIELDS = [str(field.alias) for field in RestoreRequest.model_fields.values()]
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EVERYTHING = request(
    sourceTable=ORDERS.arn,
    restoreTo="2026-10-05T09:30:00Z",
    targetRegion=REGION,
    indexes=[],
    encryption={"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY},
    billing={"mode": "PROVISIONED", "readCapacityUnits": 5, "writeCapacityUnits": 5},
    settings=["tags", "ttl"],
    requestedBy="anna",
    reason="a bad deployment",
    dryRun=False,
)


def answer(detail: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Send a request; gives its one answer, looked at from all sides."""
    world = RestoreWorld()
    world.receive(detail, EVENT)
    if not world.facts.published:
        [order] = world.workflows.orders.values()
        assert re.fullmatch("[A-Za-z0-9_-]{1,64}", order.request.request_id, re.ASCII)
        written = order.model_dump_json(by_alias=True)
        assert len(written.encode()) < 64 * 1024  # the workflow's state holds it twice, of 256 KiB
        return "started", json.loads(written)["request"]
    assert not world.workflows.orders
    [fact] = world.facts.published
    assert_can_be_told(fact)
    told = fact.detail()
    asked = detail.get("requestId")
    assert told["requestId"] == (asked if _is_told_whole(asked) else told["requestId"])
    if not isinstance(asked, str) or not asked:
        assert told["requestId"] == EVENT
    if fact.detail_type == "Restore Rejected":
        assert_is_a_sentence(told["error"])
        begun, _, why = told["reason"].partition(" was not started. ")
        assert begun == "The restore" or begun == f"The restore to {detail.get('targetRegion')}"
        assert why == f"{told['error']}."
    [(_, logged)] = world.logged
    assert logged.isprintable()
    return fact.detail_type, told


def _is_told_whole(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= 1000
        and not re.search("[\ud800-\udfff]", value)
    )


def assert_is_a_sentence(error: str) -> None:
    assert error.isprintable()
    assert len(error) <= 4000
    assert ": " in error
    assert not error.endswith(".")


@given(objects)
def test_any_detail_is_answered_once(detail: dict[str, Any]) -> None:
    kind, told = answer(detail)
    assert kind == "Restore Rejected"
    assert "sourceTable: missing" in told["error"] or len(detail) > 0


@given(twisted(EVERYTHING))
def test_any_value_in_any_field_is_answered_once(detail: dict[str, Any]) -> None:
    answer(detail)


@pytest.mark.parametrize("field", FIELDS)
@a_share_each
@given(value=json_values)
def test_a_refusal_names_the_field_that_is_wrong(field: str, value: Any) -> None:
    kind, told = answer(EVERYTHING | {field: value})
    if kind == "Restore Rejected":
        assert told["error"].startswith(f"{field}: ")


@given(texts.filter(lambda name: name not in FIELDS))
def test_an_unknown_field_is_refused_with_those_there_are(name: str) -> None:
    kind, told = answer(request(**{name: 1}))
    assert kind == "Restore Rejected"
    assert "no such field; the fields are sourceTable, targetTable" in told["error"]


@pytest.mark.parametrize("field", ["requestedBy", "reason"])
@given(text=unicode_texts)
def test_free_text_arrives_as_it_was_written_or_is_refused(field: str, text: str) -> None:
    for dry_run in (False, True):
        kind, told = answer(request(dryRun=dry_run, **{field: text}))
        if len(text) > 1000:
            assert kind == "Restore Rejected"
            assert f"{field}: " in told["error"]
            assert "give a text of at most 1000 characters" in told["error"]
        else:
            assert kind == ("Restore Planned" if dry_run else "started")
            as_told = {"requestedBy": "requestedBy", "reason": "requestReason"}[field]
            assert told[as_told if dry_run else field] == text


@pytest.mark.parametrize("field", ["requestedBy", "reason"])
def test_a_refusal_tells_the_free_text_as_far_as_it_can_be_told(field: str) -> None:
    _, told = answer(request(colour="red", **{field: "\x1b[2Jwhy\nnot?" + large("x")}))
    assert told["requestReason" if field == "reason" else field].startswith("\x1b[2Jwhy\nnot?xxx")


@pytest.mark.parametrize("text", EVERY_TEXT, ids=range(len(EVERY_TEXT)))
def test_no_text_is_evaluated_wherever_it_stands(text: str) -> None:
    for field in FIELDS:
        kind, told = answer(request(**{field: text}))
        if kind == "started":
            assert told[field] == text


@pytest.mark.parametrize(
    "value",
    [
        f"arn:aws{'-x' * 100_000}:dynamodb:{REGION}:{ACCOUNT}:table/orders",
        f"arn:aws:dynamodb:{'x' * 200_000}:{ACCOUNT}:table/orders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{'x' * 200_000}",
        f"arn:aws-mars:dynamodb:{REGION}:{ACCOUNT}:table/orders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/../invoices",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/index/by-date",
        f"arn:aws:dynamodb:{REGION}:\u0661\u0661\u0661\u0661\u0662\u0662\u0662\u0662\u0663\u0663\u0663\u0663:table/orders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/\u043erders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders\n",
        f"ARN:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
        "xn--orders-\u00e9",
    ],
    ids=range(11),
)
def test_an_arn_that_is_none_is_refused_and_not_repeated_at_length(value: str) -> None:
    kind, told = answer(request(sourceTable=value))
    assert kind == "Restore Rejected"
    assert told["error"].startswith("sourceTable: ")
    assert len(told["error"]) < 600


@pytest.mark.parametrize(
    "value",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "2026-10-05T23:59:60Z",
        "2026-10-05T09:30:00+99:99",
        "2026-10-05T09:30:00+24:00",
        "\u0662\u0660\u0662\u0666-10-05T09:30:00Z",
        "\uff12\uff10\uff12\uff16-10-05T09:30:00Z",
        "2026-10-05T09:30:00",
        "2026-10-05T09:30:00Z\n",
        " 2026-10-05T09:30:00Z",
        "1e9",
        1759656600,
        1759656600.5,
        float("nan"),
        10**400,
        True,
        ["latest"],
        {"latest": 1},
        deep(5000),
    ],
    ids=range(21),
)
def test_an_instant_that_is_none_is_refused(value: Any) -> None:
    kind, told = answer(request(restoreTo=value))
    assert kind == "Restore Rejected"
    assert told["error"].startswith("restoreTo: ")


@given(st.datetimes(timezones=st.timezones()), st.sampled_from(["T", " ", "\n"]))
def test_an_instant_is_asked_for_to_the_second(when: Any, separator: str) -> None:
    """An offset may have fractions of a second, as local times of long ago have."""
    text = when.isoformat(sep=separator)
    try:
        asked = request_from(request(restoreTo=text), EVENT, HOME)
    except ValueError:
        return  # outside the calendar in UTC
    assert asked.instant is not None
    assert asked.instant.microsecond == 0
    again = request_from(asked.content(), EVENT, HOME)
    assert again == asked


@pytest.mark.parametrize("value", [0, 1, 1.0, "true", "\u0661", "", None, [], {}])
def test_only_true_and_false_are_true_and_false(value: Any) -> None:
    kind, told = answer(request(dryRun=value))
    assert kind == "Restore Rejected"
    assert told["error"].startswith("dryRun: ")


@pytest.mark.parametrize(
    "units", [True, False, "5", "\u0665", 5.0, 0, -1, 10**400, float("inf"), None, [5], {}]
)
def test_only_whole_numbers_that_aws_knows_are_capacity_units(units: Any) -> None:
    billing = {"mode": "PROVISIONED", "readCapacityUnits": 5, "writeCapacityUnits": units}
    kind, told = answer(request(billing=billing))
    assert kind == "Restore Rejected"
    assert told["error"].startswith("billing: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("indexes", [f"by-{number}" for number in range(20_000)]),
        ("indexes", ["by-date"] * 20_000),
        ("indexes", [f"by-{number}" for number in range(100)]),
        ("indexes", ["x" * 255] * 100),
        ("settings", ["tags"] * 20_000),
        ("targetRegion", f"eu-{'x' * 200_000}-1"),
        ("targetRegion", "eu" + "-x" * 100_000 + "-1"),
        ("encryption", {"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY + "0" * 200_000}),
        (
            "encryption",
            {"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY.replace("aws", "aws-" * 50_000)},
        ),
    ],
    ids=range(9),
)
def test_a_list_or_a_name_without_end_is_refused_in_few_words(field: str, value: Any) -> None:
    kind, told = answer(request(**{field: value}))
    assert kind == "Restore Rejected"
    assert told["error"].startswith(f"{field}: ")
    assert len(told["error"]) < 2000


def test_a_request_with_thousands_of_unknown_fields_is_refused_in_few_words() -> None:
    kind, told = answer(request(**{f"field{number}": number for number in range(10_000)}))
    assert kind == "Restore Rejected"
    assert "9990 more fields are at fault" in told["error"]
