"""A call to a service and its answer, as they travel between the layer and the engine."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

type Json = dict[str, Any]
type HttpAnswer = tuple[int, dict[str, str], bytes]


class AwsError(Exception):
    """An error answer: `code` is the exception's name in the service model."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Call:
    """One authenticated API call."""

    service: str
    operation: str
    parameters: Json
    account: str
    region: str
    access_key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")


@dataclass(frozen=True)
class Answer:
    """What the caller gets: `body` is the decoded JSON of the service's response."""

    status: int
    body: Json

    @classmethod
    def refused(cls, error: AwsError) -> Answer:
        return cls(error.status, {"__type": error.code, "message": error.message})

    @property
    def error_code(self) -> str | None:
        """Name of the exception, or None where the call succeeded."""
        if self.status < 300:
            return None
        return str(self.body.get("__type", "InternalServerError")).rpartition("#")[2]

    @property
    def error_message(self) -> str:
        return str(self.body.get("message") or self.body.get("Message") or "")

    def http(self) -> HttpAnswer:
        """The answer in DynamoDB's protocol, JSON 1.0."""
        body = json.dumps(self.body, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            # Some SDKs (Go, so Terraform too) insist on it.
            "x-amz-crc32": str(zlib.crc32(body)),
        }
        if code := self.error_code:
            headers["x-amzn-errortype"] = code
        return self.status, headers, body


def received(
    service: str,
    scope: tuple[str, str],
    headers: Mapping[str, str],
    body: bytes | str,
    query: Mapping[str, Any],
) -> Call:
    """A request as a call. `scope`: account and region."""
    operation, parameters = operation_and_parameters(headers, body, query)
    key = headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
    return Call(service, operation, parameters, *scope, key, headers)


def decoded(body: bytes | str) -> Json:
    """A body in JSON; anything else is empty."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def operation_and_parameters(
    headers: Mapping[str, str], body: bytes | str, query: Mapping[str, Any]
) -> tuple[str, Json]:
    """Read the operation from a JSON target, or from the Action of the query protocol."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    target = headers.get("x-amz-target", "")
    if target:
        return target.rpartition(".")[2], decoded(text)
    fields: Json = {name: values[0] for name, values in parse_qs(text).items()}
    fields |= {
        name: value[0] if isinstance(value, list) else value for name, value in query.items()
    }
    return str(fields.get("Action", "")), fields


def error_of_s3(error: AwsError) -> HttpAnswer:
    """An error as S3 answers with it."""
    told = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    return error.status, {"Content-Type": "application/xml"}, f"<Error>{told}</Error>".encode()


def error_in_protocol_of(headers: Mapping[str, str], error: AwsError) -> HttpAnswer:
    """An error as the caller's protocol has it: JSON where it named a target, else XML."""
    if headers.get("x-amz-target"):
        return Answer.refused(error).http()
    fault = "Sender" if error.status < 500 else "Receiver"
    xml = (
        f"<ErrorResponse><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml"}, xml.encode()
