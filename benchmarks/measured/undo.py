"""An undo of so many changed items, its functions one after the other in this process.

Arguments: `export` (what AWS writes), `plan`, `apply` or `bare` (the same writes by boto3 alone),
and how many items. Prints what it took.
"""

import base64
import gzip
import hashlib
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from benchmarks.front.account import ACCOUNT, REGION
from benchmarks.front.goods import TABLE, image, key
from functions.undo.apply import handler as applied
from functions.undo.pages.assemble import handler as assembled
from functions.undo.plan import handler as planned
from functions.undo.shard import handler as sharded
from pitr_guardian.exports.shards import shards_for
from pitr_guardian.exports.window import windows_of
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.undo import places
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.request import UndoRequest
from pitr_guardian.undo.shape import Shape
from pitr_guardian.wiring.undo.stack import bucket, ledger

PLAN = "benchmark"
_NOW = datetime.now(UTC).replace(microsecond=0)
_FROM, _TO = _NOW - timedelta(hours=2), _NOW - timedelta(hours=1)
_ITEMS_A_FILE = 50_000
_MOST_APPLIED = 20_000  # of any plan: each part takes as long as the next
_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"


class Context(LambdaContext):
    _function_name = "benchmark"
    _function_version = "$LATEST"
    _invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    _memory_limit_in_mb = 512
    _aws_request_id = "benchmark"

    @staticmethod
    def get_remaining_time_in_millis() -> int:  # never up: what is measured ends by itself
        return 3_600_000


def order() -> UndoOrder:
    return UndoOrder(
        request=UndoRequest(table=TABLE, from_=_FROM, to=_TO, request_id=PLAN),
        table=TableId(arn=_ARN, name=TABLE, account=ACCOUNT, region=REGION),
        shape=Shape(table_id="0", key=Key(partition=KeyAttribute(name="Id", type="S"))),
        from_=_FROM,
        to=_TO,
        windows=windows_of(_FROM, _TO, _NOW - timedelta(days=30)),
        account=ACCOUNT,
        accepted_at=_NOW,
    )


def export(items: int) -> dict[str, Any]:
    """Write an incremental export's data files, as AWS does, and open the undo."""
    listed = []
    for number, begin in enumerate(range(0, items, _ITEMS_A_FILE)):
        count = min(_ITEMS_A_FILE, items - begin)
        lines = (_record(each) for each in range(begin, begin + count))
        packed = gzip.compress(b"".join(lines), compresslevel=1)
        place = f"{places.exports(PLAN, ACCOUNT)}/AWSDynamoDB/data/{number:04}.json.gz"
        bucket().put(place, packed, places.GZIP_TYPE)
        checksum = base64.b64encode(hashlib.md5(packed, usedforsecurity=False).digest()).decode()
        listed.append({"itemCount": count, "md5Checksum": checksum, "dataFileS3Key": place})
    ledger().open(order())
    bucket().put("files.json", json.dumps(listed).encode(), places.JSON_TYPE)
    return {}


def _record(number: int) -> bytes:
    record = {
        "Metadata": {"WriteTimestampMicros": {"N": str(int(_FROM.timestamp()) * 1_000_000 + 1)}},
        "Keys": key(number),
        "OldImage": image(number, damaged=False),
        "NewImage": image(number, damaged=True),
    }
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def plan(items: int) -> dict[str, Any]:
    """What statemachines/undo_plan.asl.json does once the exports are there."""

    with bucket().open("files.json") as content:
        files = json.loads(content.read())
    shards = shards_for(items, 0)
    for file in files:
        sharded({"planId": PLAN, "export": "D", "file": file, "shards": shards}, Context())
    for shard in range(shards):
        planned({"planId": PLAN, "shard": shard}, Context())
    told = assembled({"planId": PLAN, "shards": shards, "exportedBytes": 0}, Context())
    if told["counts"]["revert"] != items:
        raise RuntimeError(f"not each item is reverted: {told}")
    record = ledger().record_of(PLAN)
    approval = Approval(
        event_id="1",
        fingerprint=record.plan.fingerprint,  # type: ignore[union-attr]  # it was planned
        account=ACCOUNT,
        requested_by=None,
        reason=None,
        approved_at=_NOW,
    )
    ledger().approve(PLAN, approval)
    return {"items": items}


def apply(items: int) -> dict[str, Any]:
    """What statemachines/undo_apply.asl.json does, up to reading the items again."""

    done, most = 0, min(items, _MOST_APPLIED)
    with bucket().open(places.parts_list(PLAN)) as content:
        parts = [json.loads(line) for line in content]
    for part in parts:
        told = applied({"planId": PLAN, "part": part["part"], "offset": 0}, Context())
        if told["next"] is not None:
            raise RuntimeError(f"the part {part} wasn't done at once")
        done += part["lines"]
        if done >= most:
            break
    return {"items": done}


def bare(items: int) -> dict[str, Any]:
    """Ten lines of boto3: the same writes, without a plan, a page, or a word of what was done."""
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    items = min(items, _MOST_APPLIED)
    for number in range(items):
        dynamodb.update_item(
            TableName=_ARN,
            Key=key(number),
            UpdateExpression="SET #0 = :0",
            ConditionExpression="#0 = :1",
            ExpressionAttributeNames={"#0": "Price"},
            ExpressionAttributeValues={
                ":0": image(number, damaged=False)["Price"],
                ":1": image(number, damaged=True)["Price"],
            },
            ReturnValues="ALL_OLD",
            ReturnConsumedCapacity="TOTAL",
        )
    return {"items": items}


def peak_mb() -> float:
    """The most memory that this process had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2])
    begun, before = time.perf_counter(), time.process_time()
    found = {"export": export, "plan": plan, "apply": apply, "bare": bare}[what](count)
    took = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - before,
        "peak_mb": peak_mb(),
    }
    print(json.dumps({**found, **took}))
