"""What a test does with exports, in few words."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.localcloud.account import SETTINGS, Account

type Json = dict[str, Any]


@dataclass(frozen=True)
class Exporter:
    """Exports tables of an account to a bucket of its own."""

    aws: Account

    @property
    def bucket(self) -> str:
        return f"exports-{self.aws.account_id}"

    @property
    def s3(self) -> Any:
        return self.aws.client("s3")

    def now(self) -> datetime:
        """The cloud's present, in whole seconds."""
        return self.aws.cloud.clock.now().replace(microsecond=0)

    def make_bucket(self) -> None:
        place = {"LocationConstraint": self.s3.meta.region_name}
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=place)

    def start(self, table: str, caller: Any = None, **parameters: Any) -> Json:
        """The ExportDescription of a new export."""
        answer = (caller or self.aws.dynamodb).export_table_to_point_in_time(
            **{"TableArn": self.aws.arn(table), "S3Bucket": self.bucket, **parameters}
        )
        described: Json = answer["ExportDescription"]
        return described

    def start_incremental(
        self, table: str, since: datetime, until: datetime | None = None, **parameters: Any
    ) -> Json:
        window: Json = {"ExportFromTime": since, "ExportViewType": "NEW_AND_OLD_IMAGES"}
        if until:
            window["ExportToTime"] = until
        return self.start(
            table,
            **{
                "ExportType": "INCREMENTAL_EXPORT",
                "IncrementalExportSpecification": window,
                **parameters,
            },
        )

    def describe(self, arn: str) -> Json:
        described: Json = self.aws.dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
        return described

    def ended(self, started: Json) -> Json:
        """The description of an export that was started, when it is over."""
        self.aws.advance(SETTINGS.export_seconds)
        return self.describe(started["ExportArn"])

    def read(self, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def summary(self, ended: Json) -> Json:
        found: Json = json.loads(self.read(ended["ExportManifest"]))
        return found

    def manifest(self, ended: Json) -> list[Json]:
        """The lines of manifest-files.json."""
        lines = self.read(self.summary(ended)["manifestFilesS3Key"]).decode().splitlines()
        return [json.loads(line) for line in lines]

    def records(self, ended: Json) -> list[Json]:
        """All lines of all data files."""
        return [
            json.loads(line)
            for file in self.manifest(ended)
            for line in gzip.decompress(self.read(file["dataFileS3Key"])).splitlines()
        ]

    def objects(self) -> list[str]:
        """Of all objects in the bucket."""
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [each["Key"] for each in found]
