"""A sweep looks at every table, and writes the report; the reader gets the page to open."""

from __future__ import annotations

from pathlib import Path

from ..catalog import RESTORED_TABLE, TABLE
from ..narration import Narrator
from ..world import World
from . import SWEEP_SECONDS

PAGE = Path("demo-report.html")
"""Where the page is left, in the folder that the demo is run from."""


def tables_are_reported(tell: Narrator, world: World) -> None:
    tell.chapter("A sweep looks at every table")
    tell.say("Events get lost, so every table is looked at once an hour. Here, right now.")
    outputs = world.stack.outputs
    world.cloud.client("stepfunctions").start_execution(
        stateMachineArn=outputs["SweepStateMachineArn"]
    )
    with tell.waiting("waiting for the sweep"):
        alert = world.inbox.wait("sweep-completed", None, SWEEP_SECONDS)
    tell.say(f"Alert: {alert.subject}")
    detail = alert.detail
    tell.claim(
        "Every table was looked at, the guardian's own ledger too, and all are in order",
        detail["checked"] == detail["compliant"] == len(world.dynamodb.list_tables()["TableNames"]),
        f"{detail['checked']} checked, {detail['compliant']} in order",
    )
    page = _page(world, detail["reportUri"])
    PAGE.write_text(page, encoding="utf-8")
    tell.claim(
        "The report tells of both tables",
        TABLE in page and RESTORED_TABLE in page,
        f"{len(page) // 1000} kB, from {detail['reportUri']}",
    )
    tell.say(f"It is in {PAGE.resolve()}; open it in a browser.")


def _page(world: World, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body = world.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    page: bytes = body.read()
    return page.decode()
