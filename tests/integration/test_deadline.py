"""A function ends before its time-out: no call begins that might outlast it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.session import get_session

from pitr_guardian.aws import clients
from pitr_guardian.aws.deadline import Deadline
from pitr_guardian.basics.errors import TryLaterError
from tests.fakes.cloudtrail import REGION


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def deadline(time: Time) -> Deadline:
    return Deadline(time)


def client(service: str, deadline: Deadline, answer: Callable[[], None] = lambda: None) -> Any:
    """A client that tries three times; ``answer`` is run in place of each answer."""

    def send(**_: Any) -> None:
        answer()
        raise ReadTimeoutError(endpoint_url="https://aws")

    session = get_session()
    deadline.hold(session)
    retries: Any = {"mode": "standard", "max_attempts": 3}
    held = session.create_client(service, region_name=REGION, config=Config(retries=retries))
    held.meta.events.register_last("before-send", send)
    return held


def test_a_look_begins_with_time_for_its_calls_in_hand(deadline: Deadline, time: Time) -> None:
    deadline.begin(60)
    assert deadline.leaves_time_for_a_look
    time.now += 7 * 4
    assert not deadline.leaves_time_for_a_look


def test_the_next_invocation_has_all_its_time(deadline: Deadline, time: Time) -> None:
    deadline.begin(60)
    time.now += 3600
    deadline.begin(60)
    assert deadline.leaves_time_for_a_look


@pytest.mark.parametrize("service", ["dynamodb", "events"])
def test_a_call_that_might_outlast_the_function_is_not_made(
    deadline: Deadline, time: Time, service: str
) -> None:
    calls: list[float] = []
    held = client(service, deadline, lambda: calls.append(time.now))
    call = held.list_tables if service == "dynamodb" else held.list_event_buses
    deadline.begin(60)
    time.now += 35
    with pytest.raises(TryLaterError, match="no time was left"):
        call()
    assert calls == []


def test_a_call_is_not_tried_again_where_that_might_outlast_the_function(
    deadline: Deadline, time: Time
) -> None:
    calls: list[float] = []

    def slowly() -> None:
        calls.append(time.now)
        time.now += 10

    deadline.begin(45)
    with pytest.raises(TryLaterError) as late:
        client("dynamodb", deadline, slowly).list_tables()
    assert len(calls) == 2
    assert late.value.may_have_happened  # the first two may have been


def test_looks_are_put_back_to_the_end(deadline: Deadline, time: Time) -> None:
    calls: list[float] = []
    deadline.begin(60)
    time.now += 50
    with pytest.raises(ReadTimeoutError):
        client("sqs", deadline, lambda: calls.append(time.now)).list_queues()
    assert len(calls) > 1  # it was tried again as well


def test_no_try_takes_longer_than_is_reckoned_with() -> None:
    config: Any = clients.sqs().meta.config
    assert config.connect_timeout + config.read_timeout == 13
