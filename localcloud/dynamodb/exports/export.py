"""One export: what is told of it, and what it writes when its time has come."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from localcloud.dynamodb.exports import files
from localcloud.dynamodb.exports.contents import Line
from localcloud.dynamodb.exports.files import (
    DataFile,
    File,
    Place,
)
from localcloud.dynamodb.exports.request import (
    INCREMENTAL,
    ExportRequest,
)
from localcloud.faults.exports import ExportFault
from localcloud.ministack.buckets import (
    Buckets,
    PutRefusedError,
)
from localcloud.wire import Json

IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
_LEAST_BILLED = 10_000_000  # of an incremental export, as pricing has it and DDB-EXPORT-019 saw it
_S3 = "Service: Amazon S3; Status Code: {status}; Error Code: {code}; Proxy: null"


class ExportFailedError(Exception):
    """Why an export that was accepted ends FAILED."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(eq=False)
class Export:
    """A record of it outlives its table. `description` is what DescribeExport answers."""

    request: ExportRequest
    account: str
    region: str
    description: Json
    place: Place
    lines: Sequence[Line]
    ends_at: datetime
    refusal: tuple[str, str]
    """FailureCode and message, where the caller may not write to the bucket; else empty."""
    fault: ExportFault | None

    @property
    def arn(self) -> str:
        return str(self.description["ExportArn"])

    @property
    def status(self) -> str:
        return str(self.description["ExportStatus"])

    def summary(self) -> Json:
        """The export as ListExports has it."""
        return {"ExportArn": self.arn, "ExportStatus": self.status, "ExportType": self.request.kind}

    def end(self, buckets: Buckets, partitions: int) -> None:
        """Write its files, and tell how that went."""
        told = self.description
        told["EndTime"] = round(self.ends_at.timestamp(), 3)
        try:
            self._refuse_what_is_refused(buckets)
            self._write(buckets, partitions)
        except ExportFailedError as failure:
            told |= {
                "ExportStatus": FAILED,
                "FailureCode": failure.code,
                "FailureMessage": failure.message,
            }
        else:
            told |= {
                "ExportStatus": COMPLETED,
                "ExportManifest": f"{self.place.folder}/manifest-summary.json",
                "ItemCount": len(self.lines),
                "BilledSizeBytes": self._billed_bytes(),
            }
        self.lines = ()

    def _refuse_what_is_refused(self, buckets: Buckets) -> None:
        if self.fault and self.fault.code:
            raise ExportFailedError(self.fault.code, self.fault.message)
        owner = buckets.owner(self.request.bucket)
        if owner is None:
            raise _s3_error("NoSuchBucket", 404, "The specified bucket does not exist")
        # "S3BucketOwner is a required parameter when exporting to a S3 bucket in another account"
        if owner != self.request.content.get("S3BucketOwner", self.account):
            raise _s3_error("AccessDenied", 403, "Access Denied")
        code, message = self.refusal
        if code:
            raise ExportFailedError(code, message)

    def _write(self, buckets: Buckets, partitions: int) -> None:
        self._put(buckets, files.started(self.place))
        data = files.data_files(self.place, self.lines, partitions)
        chosen = max(data, key=lambda each: each.item_count)
        damage = self.fault.damage if self.fault else None
        for each in data:
            self._put_data(buckets, each, damage if each is chosen else None)
        if damage == "short":
            data = [self._counting_one_more(each) if each is chosen else each for each in data]
        for file in files.manifests(self.place, self._summary(), data):
            self._put(buckets, file)

    def _put_data(self, buckets: Buckets, data: DataFile, damage: str | None) -> None:
        content = data.file.content
        if damage == "missing":
            return
        if damage == "truncated":
            content = content[: len(content) // 2]
        elif damage == "corrupt":
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        self._put(buckets, dataclasses.replace(data.file, content=content))

    @staticmethod
    def _counting_one_more(data: DataFile) -> DataFile:
        return dataclasses.replace(data, item_count=data.item_count + 1)

    def _put(self, buckets: Buckets, file: File) -> None:
        headers = {"content-type": file.content_type, "x-amz-server-side-encryption": "AES256"}
        if self.description["S3SseAlgorithm"] == "KMS":
            key = self.description.get("S3SseKmsKeyId", "alias/aws/s3")
            headers |= {
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id": key,
            }
        etag = files.multipart_etag(file.content) if file.parts else None
        try:
            buckets.put(self.request.bucket, file.key, file.content, headers, etag)
        except PutRefusedError as error:
            raise _s3_error(error.code, error.status, error.message) from error

    def _billed_bytes(self) -> int:
        size = sum(line.size for line in self.lines)
        return max(size, _LEAST_BILLED) if self.request.kind == INCREMENTAL else size

    def _summary(self) -> Json:
        """manifest-summary.json but for the key of the other manifest.

        "DynamoDB table export output format" has an example of each kind.
        """
        told = self.description
        version, times, view = "2020-06-30", {"exportTime": told.get("ExportTime", 0)}, {}
        if self.request.kind == INCREMENTAL:
            window = told["IncrementalExportSpecification"]
            version, view = "2023-08-01", {"outputView": self.request.view}
            times = {
                "exportFromTime": window["ExportFromTime"],
                "exportToTime": window["ExportToTime"],
            }
        return {
            "version": version,
            "exportArn": self.arn,
            "startTime": _iso(told["StartTime"]),
            "endTime": _iso(told["EndTime"]),
            "tableArn": told["TableArn"],
            "tableId": told["TableId"],
            **{name: _iso(seconds) for name, seconds in times.items()},
            "s3Bucket": told["S3Bucket"],
            "s3Prefix": told.get("S3Prefix"),
            "s3SseAlgorithm": told["S3SseAlgorithm"],
            "s3SseKmsKeyId": told.get("S3SseKmsKeyId"),
            "billedSizeBytes": self._billed_bytes(),
            "itemCount": len(self.lines),
            "outputFormat": told["ExportFormat"],
            **view,
            "exportType": self.request.kind,
        }


def _s3_error(code: str, status: int, message: str) -> ExportFailedError:
    """FailureCode and FailureMessage as findings DDB-EXPORT-010 and -011 have them."""
    return ExportFailedError(f"S3{code}", f"{message} ({_S3.format(status=status, code=code)})")


def _iso(seconds: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
