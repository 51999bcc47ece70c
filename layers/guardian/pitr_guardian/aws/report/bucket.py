"""The report bucket: what sweeps leave there, and reports."""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import code_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.report.sweep import (
    Part,
    Sweep,
    TableRow,
)
from pitr_guardian.sweep.rounds import Leg
from pitr_guardian.tables.reference import Scope, TableRef

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_THERE = frozenset({"NoSuchKey", "AccessDenied"})
"""What S3 says of a key that isn't there; the latter to those who may not list (GetObject)."""

_LINES = "application/x-ndjson"
_AT_ONCE = 10  # as many connections as botocore keeps open


class ReportBucket:
    """``report.ports.Archive``, and ``Parts``, ``RoundLists`` and ``Summaries`` of ``sweep.ports``.

    What it writes is encrypted as the bucket is.
    """

    def __init__(self, client: "S3Client", name: str) -> None:
        """Take the client and the bucket's name."""
        self._client = client
        self._name = name

    @needs("s3:PutObject", on="sweeps' parts")
    def write(self, sweep_id: str, scope: Scope, number: int, rows: Sequence[TableRow]) -> None:
        """See ``sweep.ports.Parts``."""
        self._client.put_object(
            Bucket=self._name,
            Key=f"{_parts(sweep_id)}{scope.account}/{scope.region}/{number:04}.json",
            Body=json.dumps([row.model_dump(by_alias=True, mode="json") for row in rows]).encode(),
            ContentType="application/json",
        )

    @needs("s3:PutObject", on="sweeps' parts")
    def keep_tags(
        self, sweep_id: str, scope: Scope, tags: Mapping[TableRef, Mapping[str, str]]
    ) -> None:
        """See ``sweep.ports.Parts``."""
        self._client.put_object(
            Bucket=self._name,
            Key=_tags_key(sweep_id, scope),
            Body=json.dumps({table.arn: dict(tags[table]) for table in tags}).encode(),
            ContentType="application/json",
        )

    @needs("s3:GetObject", on="sweeps' parts")
    def tags_kept(self, sweep_id: str, scope: Scope) -> Mapping[TableRef, Mapping[str, str]] | None:
        """See ``sweep.ports.Parts``."""
        try:
            answer = self._client.get_object(Bucket=self._name, Key=_tags_key(sweep_id, scope))
        except ClientError as error:
            if code_of(error) in _NOT_THERE:
                return None
            raise
        kept: dict[str, dict[str, str]] = json.loads(answer["Body"].read())
        return {TableRef.from_arn(arn): kept[arn] for arn in kept}

    @needs("s3:ListBucket", on="report bucket")
    def parts_of(self, sweep_id: str) -> Iterator[Part]:
        """See ``report.ports.Archive``."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._name, Prefix=_parts(sweep_id)
        )
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(self._part, keys)

    @needs("s3:PutObject", on="sweeps' parts")
    def list_round(self, sweep_id: str, number: int, legs: Sequence[Leg]) -> tuple[str, str]:
        """See ``sweep.ports.RoundLists``: JSON Lines, which a Distributed Map reads."""
        key = _round_key(sweep_id, number)
        lines = [each.model_dump_json(by_alias=True) for each in legs]
        self._client.put_object(
            Bucket=self._name, Key=key, Body="\n".join(lines).encode(), ContentType=_LINES
        )
        return self._name, key

    @needs("s3:GetObject", on="sweeps' parts")
    def round(self, sweep_id: str, number: int) -> Sequence[Leg]:
        """See ``sweep.ports.RoundLists``."""
        key = _round_key(sweep_id, number)
        text = self._client.get_object(Bucket=self._name, Key=key)["Body"].read().decode()
        return [Leg.model_validate_json(line) for line in text.split("\n") if line]

    @needs("s3:PutObject", on="sweeps' parts")
    def keep_sweep(self, sweep: Sweep) -> None:
        """See ``sweep.ports.Summaries``."""
        self._client.put_object(
            Bucket=self._name,
            Key=_sweep_key(sweep.sweep_id),
            Body=sweep.model_dump_json(by_alias=True).encode(),
            ContentType="application/json",
        )

    @needs("s3:GetObject", on="sweeps' parts")
    def sweep(self, sweep_id: str) -> Sweep:
        """See ``report.ports.Archive``."""
        answer = self._client.get_object(Bucket=self._name, Key=_sweep_key(sweep_id))
        return Sweep.model_validate_json(answer["Body"].read())

    @needs("s3:PutObject", on="reports")
    def keep(self, key: str, body: bytes, content_type: str) -> str:
        """See ``report.ports.Archive``."""
        self._client.put_object(
            Bucket=self._name,
            Key=key,
            Body=body,
            ContentType=content_type,
            CacheControl="no-cache",  # the latest one is another one in an hour
        )
        return f"s3://{self._name}/{key}"

    @needs("s3:GetObject", on="sweeps' parts")
    def _part(self, key: str) -> Part:
        return Part(key, self._client.get_object(Bucket=self._name, Key=key)["Body"].read())


def _parts(sweep_id: str) -> str:
    return f"sweeps/{sweep_id}/parts/"


def _tags_key(sweep_id: str, scope: Scope) -> str:
    return f"sweeps/{sweep_id}/tags/{scope.account}/{scope.region}"


def _round_key(sweep_id: str, number: int) -> str:
    return f"sweeps/{sweep_id}/rounds/{number:04}.jsonl"


def _sweep_key(sweep_id: str) -> str:
    return f"sweeps/{sweep_id}/sweep.json"
