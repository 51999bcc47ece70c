"""Tags of tables, with the limits that MiniStack doesn't know."""

from __future__ import annotations

from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
)

_PAGE = 10
_MOST = 50
_OF_AWS = "aws:"


class Tags:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tag(self, call: Call) -> Answer:
        """TagResource."""
        keys = {str(tag.get("Key")) for tag in call.parameters.get("Tags") or []}
        if any(key.lower().startswith(_OF_AWS) for key in keys):
            raise AwsError("ValidationException", "Tag keys must not start with aws:")
        listed = self._engine.dynamodb(
            "ListTagsOfResource", {"ResourceArn": call.parameters.get("ResourceArn")}
        )
        keys |= {tag["Key"] for tag in listed.body.get("Tags", [])}
        if sum(not key.startswith(_OF_AWS) for key in keys) > _MOST:
            raise AwsError("ValidationException", f"A resource has at most {_MOST} tags")
        return self._engine.dynamodb(call.operation, call.parameters)

    def list_tags(self, call: Call) -> Answer:
        """ListTagsOfResource, ten at a time."""
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code:
            return answer
        tags, token = answer.body["Tags"], str(call.parameters.get("NextToken") or "0")
        if not token.isdigit():
            raise AwsError("ValidationException", "Invalid NextToken")
        first = int(token)
        answer.body["Tags"] = tags[first : first + _PAGE]
        if first + _PAGE < len(tags):
            answer.body["NextToken"] = str(first + _PAGE)
        return answer
