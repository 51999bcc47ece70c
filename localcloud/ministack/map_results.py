"""What comes out of a Distributed Map's children."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.wire import Json

RIGHTS_TO_WRITE = (
    *("s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"),
)
"""Of a ResultWriter's objects ("ResultWriter (Map)", developer guide, IAM policies)."""


class WriteRefusedError(Exception):
    """S3 didn't take the results."""


def compact(child: Json) -> Any:
    """The output of an execution; of one that failed, all that is told of it.

    "ResultWriter (Map)": COMPACT is the default without a ResultWriter, and of a failed child its
    result is unchanged.
    """
    return json.loads(child["output"]) if child["status"] == "SUCCEEDED" else described(child)


def described(child: Json) -> Json:
    """An execution with its metadata, as an exported result has it."""
    told = {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        "StartDate": child["startDate"],
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": child["stopDate"],
    }
    if child["status"] == "SUCCEEDED":
        return {**told, "Output": child["output"], "OutputDetails": {"Included": True}}
    return {**told, "Error": child["error"], "Cause": child["cause"]}


@dataclass(frozen=True)
class Results:
    """What a ResultWriter makes of the children's results."""

    arguments: Json
    config: Json
    map_run_arn: str

    @property
    def objects_arn(self) -> str:
        return f"arn:aws:s3:::{self.arguments.get('Bucket')}/{self._folder}/manifest.json"

    @property
    def _folder(self) -> str:
        prefix = str(self.arguments.get("Prefix") or "").strip("/")
        run = self.map_run_arn.rpartition(":")[2]
        return f"{prefix}/{run}" if prefix else run

    def transformed(self, children: Sequence[Json], default: str = "COMPACT") -> list[Any]:
        """A result for each child; FLATTEN takes arrays apart."""
        transformation = self.config.get("Transformation", default)
        if transformation == "NONE":
            return [described(child) for child in children]
        results = [(child, compact(child)) for child in children]
        if transformation != "FLATTEN":
            return [result for _, result in results]
        flat: list[Any] = []
        for _, result in results:
            flat.extend(result if isinstance(result, list) else [result])
        return flat

    def write(self, children: Sequence[Json]) -> Json:
        """Write `SUCCEEDED_0` and `FAILED_0`, and manifest.json; the state's result.

        Raises:
            WriteRefusedError: there is no such bucket.
        """
        listed: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
        for status in ("SUCCEEDED", "FAILED"):
            if chosen := [child for child in children if child["status"] == status]:
                content = self._serialised(self.transformed(chosen, "NONE"))
                ending = "jsonl" if self._is_lines else "json"
                key = f"{self._folder}/{status}_0.{ending}"
                self._put(key, content)
                listed[status].append({"Key": key, "Size": len(content)})
        manifest = {
            "DestinationBucket": self.arguments.get("Bucket"),
            "MapRunArn": self.map_run_arn,
            "ResultFiles": listed,
        }
        key = f"{self._folder}/manifest.json"
        self._put(key, json.dumps(manifest).encode())
        details = {"Bucket": self.arguments.get("Bucket"), "Key": key}
        return {"MapRunArn": self.map_run_arn, "ResultWriterDetails": details}

    @property
    def _is_lines(self) -> bool:
        return bool(self.config.get("OutputType") == "JSONL")

    def _serialised(self, results: list[Any]) -> bytes:
        if self._is_lines:
            return "".join(f"{json.dumps(result)}\n" for result in results).encode()
        return json.dumps(results).encode()

    def _put(self, key: str, content: bytes) -> None:
        s3: Any = importlib.import_module("ministack.services.s3")
        bucket = self.arguments.get("Bucket")
        status, _, body = s3._put_object(bucket, key, content, {"content-type": "application/json"})
        if status >= 300:
            raise WriteRefusedError(f"{bucket}/{key} can't be written: {bytes(body).decode()}")
