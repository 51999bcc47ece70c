"""A stand-in for the AWS of an undo: a damaged table, the undos' bucket, and moto's ledger.

`python -m benchmarks.front.goods` serves it on a free port of 127.0.0.1, until its input ends. The
table is as large as it is asked about: an item's content follows from its key. Each write succeeds,
and takes as many units as on AWS. Objects are held in memory.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.front.account import Account
from benchmarks.front.http import Answer, Connection, Request

TABLE, BUCKET = "Orders", "undos"
_JSON = {"Content-Type": "application/x-amz-json-1.0"}
_XML = {"Content-Type": "application/xml"}

type Image = dict[str, Any]


def image(number: int, *, damaged: bool) -> Image:
    """An order of some 400 bytes; the damage made it cost 1."""
    price = 1 if damaged else 1000 + number % 977
    return {
        **key(number),
        "Price": {"N": str(price)},
        "Status": {"S": "shipped" if number % 3 else "open"},
        "Customer": {"S": f"customer-{number * 7919 % 100_003:06}"},
        "Lines": {"L": [{"M": {"Sku": {"S": f"sku-{number % 512}"}, "Count": {"N": "2"}}}]},
        "Note": {"S": "leave it with the neighbours, second floor, the door is blue " * 3},
        "At": {"N": str(1_790_000_000 + number)},
    }


def key(number: int) -> Image:
    return {"Id": {"S": f"order-{number:09}"}}


def _number(asked: Image) -> int:
    return int(asked["Id"]["S"].rpartition("-")[2])


class Goods:
    """Answers at once."""

    def __init__(self) -> None:
        self._account = Account()
        self._objects: dict[str, bytes] = {}
        self._uploads: dict[str, dict[int, bytes]] = {}

    def handle(self, request: Request, give: Callable[[Answer], None]) -> None:
        if "x-amz-target" in request.headers:
            give(self._of_a_table(request))
        else:
            give(self._of_the_bucket(request))

    def _of_a_table(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        match request.operation:
            case "BatchGetItem":
                [(table, wanted)] = asked["RequestItems"].items()
                items = [image(_number(each), damaged=True) for each in wanted["Keys"]]
                return _said({"Responses": {table: items}, "UnprocessedKeys": {}})
            case "UpdateItem" if asked["TableName"].endswith(f"/{TABLE}"):
                before = image(_number(asked["Key"]), damaged=True)
                consumed = {"TableName": TABLE, "CapacityUnits": 1.0}
                return _said({"Attributes": before, "ConsumedCapacity": consumed})
        return self._account.answer(request)

    def _of_the_bucket(self, request: Request) -> Answer:
        address = urlsplit(request.path)
        query = parse_qs(address.query, keep_blank_values=True)
        place = unquote(address.path).removeprefix(f"/{BUCKET}").removeprefix("/")
        if "uploadId" in query or "uploads" in query:
            return self._upload(request, place, query)
        if request.method == "PUT":
            self._objects[place] = request.body
            return 200, {"ETag": '"e"'}, b""
        if "list-type" in query:
            return self._list(query["prefix"][0])
        if place not in self._objects:
            return 404, _XML, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
        return 200, {"ETag": '"e"'}, self._objects[place]

    def _upload(self, request: Request, place: str, query: dict[str, list[str]]) -> Answer:
        if "uploads" in query:
            upload = str(len(self._uploads))
            self._uploads[upload] = {}
            text = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>"
            return 200, _XML, f"{text}</InitiateMultipartUploadResult>".encode()
        parts = self._uploads[query["uploadId"][0]]
        if request.method == "PUT":
            parts[int(query["partNumber"][0])] = request.body
            return 200, {"ETag": '"e"'}, b""
        self._objects[place] = b"".join(parts[number] for number in sorted(parts))
        parts.clear()
        return 200, _XML, b"<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"

    def _list(self, prefix: str) -> Answer:
        """All at once: a list of an undo's shard is short."""
        keys = sorted(place for place in self._objects if place.startswith(prefix))
        contents = "".join(f"<Contents><Key>{each}</Key></Contents>" for each in keys)
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        return 200, _XML, text.encode()


def _said(answer: Any) -> Answer:
    return 200, _JSON, json.dumps(answer).encode()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    goods = Goods()
    server = await loop.create_server(lambda: Connection(goods.handle), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
