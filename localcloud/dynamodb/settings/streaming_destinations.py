"""Kinesis data streams that a table's changes go to. MiniStack's are ACTIVE at once, and any ARN
will do for it."""

from __future__ import annotations

from datetime import timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.table_names import table_name
from localcloud.ministack import rights
from localcloud.ministack.internals import Engine
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

_CHANGING = {"ACTIVE": "ENABLING", "DISABLED": "DISABLING"}
_RIGHTS_ON_STREAM = ("kinesis:DescribeStream", "kinesis:PutRecords")
_READY = "_ready_at"


class StreamingDestinations:
    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self._engine = engine
        self._clock = clock
        self._settings = settings

    def enable(self, call: Call) -> Answer:
        """EnableKinesisStreamingDestination: ENABLING for a while."""
        stream = str(call.parameters.get("StreamArn", ""))
        here = f"arn:aws:kinesis:{call.region}:{call.account}:stream/"
        if not stream.startswith(here):
            raise AwsError(
                "ValidationException",
                f"The stream must be one of this account and region: {stream}",
            )
        rights.require(self._engine, call, _RIGHTS_ON_STREAM, stream)
        rights.require(self._engine, call, ["kinesis:ListStreams"], "*")
        if not self._engine.has_kinesis_stream(stream.removeprefix(here)):
            raise AwsError("ResourceNotFoundException", f"Stream not found: {stream}")
        return self._change(call)

    def disable(self, call: Call) -> Answer:
        """DisableKinesisStreamingDestination: DISABLING for a while."""
        return self._change(call)

    def describe(self, call: Call) -> Answer:
        """DescribeKinesisStreamingDestination."""
        answer = self._engine.dynamodb(call.operation, call.parameters)
        for told in answer.body.get("KinesisDataStreamDestinations", []):
            if self._is_changing(call, told["StreamArn"]):
                told["DestinationStatus"] = _CHANGING[told["DestinationStatus"]]
        return answer

    def _change(self, call: Call) -> Answer:
        stream = call.parameters.get("StreamArn")
        if self._is_changing(call, stream):
            raise AwsError("ResourceInUseException", f"The destination is changing: {stream}")
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None and (known := self._known(call, stream)):
            takes = timedelta(seconds=self._settings.updating_seconds)
            known[_READY] = self._clock.now() + takes
        return answer

    def _is_changing(self, call: Call, stream: object) -> bool:
        known = self._known(call, stream)
        return bool(known and _READY in known and self._clock.now() < known[_READY])

    def _known(self, call: Call, stream: object) -> Json | None:
        table = table_name(str(call.parameters.get("TableName", "")))
        known = self._engine.destinations(table)
        return next((each for each in known if each["StreamArn"] == stream), None)
