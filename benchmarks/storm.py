"""Many drift events at once: whether any is lost, and whether it gets slower."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import boto3

from benchmarks.deployment import environment_of_functions
from benchmarks.figures import Figure
from benchmarks.front.account import LEDGER, REGION
from benchmarks.front.process import Front
from benchmarks.front.switches import NOW
from benchmarks.processes import ROOT, environment

TABLES = 500
FEW, MANY = 500, 5_000
REAL = 0.3  # share of the events whose call has just been made; the rest is late, or comes twice
AT_ONCE = 5  # the trigger's MaximumConcurrency
_SAMPLE = json.loads((ROOT / "events/update-continuous-backups-off.json").read_text())
_PATIENCE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Storm:
    """What became of some events. ``unequal``: tables whose incidents aren't those that were.

    ``rates`` are events a second, of one equal part of the storm after the other.
    """

    rates: tuple[float, ...]
    dead: int
    left_off: int
    drifts: int
    incidents: int
    unequal: int


def run(runs: int = 5) -> list[Figure]:
    storms: dict[int, list[Storm]] = {FEW: [], MANY: []}
    with Front() as front, _triggers(front):
        _break_loose(front, "warm-up", 100)
        for number in range(runs):
            storms[FEW].append(_break_loose(front, f"storm-{number}", FEW))
        storms[MANY].append(_break_loose(front, "great-storm", MANY, parts=runs))
    return _figures(storms)


@contextlib.contextmanager
def _triggers(front: Front) -> Iterator[None]:
    command = [sys.executable, str(ROOT / "benchmarks/measured/trigger.py")]
    variables = environment(**environment_of_functions(front))
    with contextlib.ExitStack() as started:
        for _ in range(AT_ONCE):
            process = started.enter_context(
                subprocess.Popen(command, env=variables, cwd=ROOT, stdout=subprocess.DEVNULL)
            )
            started.callback(process.terminate)
        yield


def _break_loose(front: Front, name: str, count: int, parts: int = 1) -> Storm:
    """Put events on the queue, in random order, and wait until it is empty.

    The time is that of the events: what was put back for some seconds comes after it.
    """
    chance = random.Random(name)  # noqa: S311  # an order, no secret
    named = [f"{name}-{number % TABLES:03}" for number in range(count)]
    are_real = [number < REAL * count for number in range(count)]
    chance.shuffle(named)
    chance.shuffle(are_real)
    events = [
        _event(table, f"{name}-{number}", is_real=is_real)
        for number, (table, is_real) in enumerate(zip(named, are_real, strict=True))
    ]
    begun = time.perf_counter()
    front.have_messages(events)
    ends = [begun]
    for part in range(1, parts + 1):
        _await(front, "events", count * (parts - part) // parts)
        ends.append(time.perf_counter())
    state = _await(front, "backlog")
    drifts, incidents = Counter(state["came_on"]), _incidents(front, name)
    return Storm(
        rates=tuple(count / parts / (end - start) for start, end in pairwise(ends)),
        dead=state["dead"],
        left_off=state["off"],
        drifts=drifts.total(),
        incidents=incidents.total(),
        unequal=sum(drifts[table] != incidents[table] for table in drifts | incidents),
    )


def _await(front: Front, messages: str, left: int = 0) -> dict[str, Any]:
    """Wait until no more than so many are left; the front's state then."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (state := front.state())[messages] > left:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{state[messages]} of the queue's {messages} are left")
        time.sleep(0.05)
    return state


def _event(table: str, number: str, *, is_real: bool) -> str:
    detail: dict[str, Any] = {
        **_SAMPLE["detail"],
        "awsRegion": REGION,
        "eventTime": NOW,
        "eventID": number,
        "requestParameters": {**_SAMPLE["detail"]["requestParameters"], "tableName": table},
        "resources": [],
    }
    return json.dumps({**_SAMPLE, "region": REGION, "detail": detail, "isJustMade": is_real})


def _incidents(front: Front, name: str) -> Counter[str]:
    """The ledger's incidents of a storm, by table; each id counts once."""
    variables = environment()
    dynamodb = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=front.endpoint,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=LEDGER,
        FilterExpression="begins_with(sk, :incident) AND contains(pk, :name)",
        ExpressionAttributeValues={":incident": {"S": "incident#"}, ":name": {"S": f"/{name}-"}},
    )
    found = [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
    return Counter(pk.rpartition("/")[2] for pk, _ in found)


def _figures(storms: dict[int, list[Storm]]) -> list[Figure]:
    every = [storm for found in storms.values() for storm in found]
    lost = sum(storm.dead + storm.left_off for storm in every)
    unequal = sum(storm.unequal for storm in every)
    rates = {
        count: median(rate for storm in found for rate in storm.rates)
        for count, found in storms.items()
    }
    slowest = min(rate for storm in storms[MANY] for rate in storm.rates)
    share = rates[MANY] / rates[FEW]
    drifts = {
        count: median(storm.drifts / count for storm in found) for count, found in storms.items()
    }
    what = f"storm of {MANY:,} drift events on {TABLES} tables"
    return [
        Figure(
            what=f"{what}: lost events",
            against="itself",
            measured=f"{lost} dead letters and tables left off, in {len(every)} storms",
            goal="none lost",
            reached=not lost,
            note="Every message was handled and deleted, and every table is protected at the end.",
        ),
        Figure(
            what=f"{what}: incidents in the ledger",
            against="the drifts that there were",
            measured=f"{sum(storm.incidents for storm in every):,} for "
            f"{sum(storm.drifts for storm in every):,} drifts; tables that differ: {unequal}",
            goal="each incident once",
            reached=not unequal,
            note=f"{REAL:.0%} of the events come with their call, the others late or twice. From a "
            "table's third incident on, its alerts are folded; the ledger has each.",
        ),
        Figure(
            what=f"{what}: events a second",
            against=f"{FEW} events on {TABLES} tables",
            measured=f"{share:.2f} of the rate: {rates[MANY]:.0f} and {rates[FEW]:.0f} a second",
            goal="at least 0.8",
            reached=share >= 0.8,
            note=f"Medians of {len(storms[FEW])} small storms, and of as many equal parts of the "
            f"great one, whose slowest had {slowest:.0f} a second. Drifts among the events: "
            f"{drifts[MANY]:.0%} and {drifts[FEW]:.0%}. Bound by this machine, on which {AT_ONCE} "
            "functions and the ledger run. On AWS the 10 calls a second that it allows are the "
            "bound; that limit isn't in force here.",
        ),
    ]
