"""The deployed report function: what it ships is whole, and its rights are enough."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pitr_guardian.basics.instants import iso
from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import Guardian
from tests.fakes.reports import drifted, row

SWEEP = "sweep-of-the-report-test"


def report_of(guardian: Guardian, *regions: Json) -> Json:
    """Have the report written, of a sweep that ends now; what the function answered."""
    function = guardian.physical_id("ReportFunction")
    sweep = {"sweepId": SWEEP, "startedAt": iso(datetime.now(UTC)), "regions": regions}
    guardian.client("s3").put_object(
        Bucket=guardian.stack.outputs["ReportBucketName"],
        Key=f"sweeps/{SWEEP}/sweep.json",
        Body=json.dumps(sweep).encode(),
    )
    answer = guardian.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"sweepId": SWEEP})
    )
    payload: Json = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def read(guardian: Guardian, key: str) -> str:
    bucket = guardian.stack.outputs["ReportBucketName"]
    text: str = guardian.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


@pytest.fixture
def swept(guardian: Guardian) -> str:
    """A table that was switched off and put right, which a sweep then found in order; its name."""
    table = guardian.protected_table()
    guardian.switch(table, on=False)
    guardian.fact(table, "PITR Re-enabled")
    guardian.settle()
    rows = [row(table, arn=guardian.arn(table)), drifted("Carts")]
    guardian.client("s3").put_object(
        Bucket=guardian.stack.outputs["ReportBucketName"],
        Key=f"sweeps/{SWEEP}/parts/{guardian.aws.account_id}/{guardian.stack.region}/0000.json",
        Body=json.dumps(rows).encode(),
    )
    return table


def test_a_report_has_what_the_sweep_found_and_what_the_ledger_remembers(
    guardian: Guardian, swept: str
) -> None:
    answer = report_of(guardian, {"region": guardian.stack.region, "checked": 2})
    bucket = guardian.stack.outputs["ReportBucketName"]
    assert answer == {"reportUri": f"s3://{bucket}/reports/{SWEEP}/report.html"}
    data = json.loads(read(guardian, "latest/report.json"))
    assert [table["name"] for table in data["tables"]] == ["Carts", swept]
    assert data["notes"] == []
    [exposure] = [each for each in data["exposures"] if each["table"]["name"] == swept]
    fact = guardian.fact(swept, "PITR Re-enabled")
    assert exposure["id"] == fact["id"]
    assert exposure["exposure"] == fact["exposure"]
    page = read(guardian, f"reports/{SWEEP}/report.html")
    assert swept in page
    assert "1 of 2 tables protected" in page
    assert swept in read(guardian, "latest/report.csv")
