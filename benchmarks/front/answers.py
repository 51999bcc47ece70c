"""Any number of tables, of which each answers as the one in moto does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.front.account import OFF, STANDING_FOR_ALL, Account, name_of
from benchmarks.front.http import Answer, Request
from benchmarks.front.switches import Switches

_JSON = {"Content-Type": "application/x-amz-json-1.0"}
_PAGE = 100


class Answers:
    """Answers from memory what it can, and asks moto for the rest."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._switches = Switches()
        self._names: list[str] = []
        self._said: dict[tuple[str, bytes], Answer] = {}
        self._own: dict[str, Callable[[Request], Answer]] = {
            "ListTables": self._list,
            "DescribeTable": self._of_one,
            "DescribeContinuousBackups": self._of_switch,
            "UpdateContinuousBackups": self._switched,
            "ListTagsOfResource": self._of_one,
            "BatchGetItem": self._of_many,
            "GetResources": self._as_before,
        }

    def have(self, tables: int, switches: Switches) -> None:
        """Let there be so many tables on the list, and these switches."""
        self._names = [name_of(number) for number in range(tables)]
        self._switches = switches

    def to(self, request: Request) -> Answer:
        return self._own.get(request.operation, self._account.answer)(request)

    def _list(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        after = asked.get("ExclusiveStartTableName")
        begin = self._names.index(after) + 1 if after else 0
        end = begin + asked.get("Limit", _PAGE)
        page: dict[str, Any] = {"TableNames": self._names[begin:end]}
        if end < len(self._names):
            page["LastEvaluatedTableName"] = self._names[end - 1]
        return 200, _JSON, json.dumps(page).encode()

    def _of_one(self, request: Request, one: str = STANDING_FOR_ALL) -> Answer:
        ((field, named),) = json.loads(request.body).items()
        name = named.rpartition("/")[2]
        of_one = json.dumps({field: named.replace(name, one)}).encode()
        status, headers, body = self._ask(request, of_one)
        return status, headers, body.replace(one.encode(), name.encode())

    def _of_switch(self, request: Request) -> Answer:
        if not self._switches.off:
            return self._of_one(request)
        name = json.loads(request.body)["TableName"].rpartition("/")[2]
        return self._of_one(request, OFF if name in self._switches.off else STANDING_FOR_ALL)

    def _switched(self, request: Request) -> Answer:
        """The call's answer is moto's to the same call about the table that stands for all."""
        asked = json.loads(request.body)
        name = asked["TableName"].rpartition("/")[2]
        on = asked["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        self._switches.switch(name, on=on)
        of_one = {**asked, "TableName": asked["TableName"].replace(name, STANDING_FOR_ALL)}
        return self._ask(request, json.dumps(of_one).encode())

    def _of_many(self, request: Request) -> Answer:
        """The ledger's items, which hold the table's name in their keys."""
        ((table, wanted),) = json.loads(request.body)["RequestItems"].items()
        texts = [json.dumps(key) for key in wanted["Keys"]]
        names = [json.loads(text)["pk"]["S"].rpartition("/")[2] for text in texts]
        of_one = json.loads(texts[0].replace(names[0], STANDING_FOR_ALL))
        asked = json.dumps({"RequestItems": {table: {"Keys": [of_one]}}}).encode()
        status, headers, body = self._ask(request, asked, is_kept=len(names) > 1)
        items = json.dumps(json.loads(body)["Responses"][table])[1:-1]
        written = ", ".join(items.replace(STANDING_FOR_ALL, name) for name in names if items)
        text = f'{{"Responses": {{"{table}": [{written}]}}, "UnprocessedKeys": {{}}}}'
        return status, headers, text.encode()

    def _as_before(self, request: Request) -> Answer:
        return self._ask(request, request.body)

    def _ask(self, request: Request, body: bytes, *, is_kept: bool = True) -> Answer:
        key = (request.operation, body)
        if key in self._said:
            return self._said[key]
        answer = self._account.answer(request, body)
        if is_kept:
            self._said[key] = answer
        return answer
