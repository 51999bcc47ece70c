"""BatchGetItem: so many bytes an answer, in no order, and what it cost."""

from __future__ import annotations

from localcloud.ministack import expressions
from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Answer,
    Call,
    Json,
)

_LARGEST_ANSWER = 16 * 1024 * 1024
_UNIT = 4096


class BatchReads:
    """MiniStack answers all keys, however much that is, in their order, and counts nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, call: Call) -> Answer:
        """ "The total size of the retrieved items is up to 16 MB"; the keys beyond are unprocessed,
        and items come "in no particular order" (API reference): the last is first here."""
        asked = call.parameters.get("RequestItems") or {}
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code:
            return answer
        room, units = _LARGEST_ANSWER, dict[str, float]()
        unprocessed: Json = answer.body["UnprocessedKeys"]
        found: Json = {}
        for table, request in asked.items():
            found[table], units[table] = [], 0.0
            for number, key in enumerate(request["Keys"]):
                one = self._one(call, table, request, key)
                size = sum(map(expressions.size, one))
                if size > room:
                    unprocessed[table] = {**request, "Keys": request["Keys"][number:]}
                    break
                room -= size
                found[table][:0] = one
                whole = max(-(-size // _UNIT), 1)
                units[table] += whole if request.get("ConsistentRead") else whole / 2
        body: Json = {"Responses": found, "UnprocessedKeys": unprocessed}
        if call.parameters.get("ReturnConsumedCapacity") in {"TOTAL", "INDEXES"}:
            body["ConsumedCapacity"] = [
                {"TableName": table, "CapacityUnits": consumed} for table, consumed in units.items()
            ]
        return Answer(200, body)

    def _one(self, call: Call, table: str, request: Json, key: Json) -> list[Json]:
        """The item of a key, if there is one."""
        parameters = {"RequestItems": {table: {**request, "Keys": [key]}}}
        answer = self._engine.dynamodb(call.operation, parameters)
        found: list[Json] = answer.body["Responses"][table]
        return found
