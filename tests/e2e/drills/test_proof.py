"""What a drill proves on the deployed stack: changes are explained, what is wrong is found."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.drills.driller import GOODS, Driller
from tests.e2e.waiting import eventually

HELD = "DescribeExport"


def drilled_while(
    guardian: Driller, table: str, meddle: Callable[[str], None], **asked: object
) -> str:
    """Ask for a drill, and meddle with its copy before it is compared: exports are held up."""
    with guardian.aws.faults.fail(HELD, "ThrottlingException"):
        drill_id = guardian.ask(table, **asked)
        copy = guardian.copy_of(drill_id)
        eventually(lambda: guardian.is_active(copy), f"{copy} ACTIVE", 60)
        meddle(copy)
    return drill_id


def test_what_changed_since_is_explained(guardian: Driller) -> None:
    table = guardian.stocked()
    at = guardian.ago(minutes=30)
    guardian.put(table, {"item-3": {"price": {"N": "99"}}, "new": {"price": {"N": "1"}}})
    guardian.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": "item-4"}})
    passed = guardian.passed(guardian.ask(table, at=at))
    assert passed["items"] == {
        "compared": len(GOODS) + 1,
        "equal": len(GOODS) - 2,
        "explained": 3,
        "mismatched": 0,
    }


@pytest.mark.parametrize("sample", [100, "all"])
def test_a_planted_mismatch_is_found(guardian: Driller, sample: int | str) -> None:
    table = guardian.stocked()

    def meddle(copy: str) -> None:
        dynamodb = guardian.client("dynamodb")
        guardian.put(copy, {"item-3": {"price": {"N": "99"}}, "never": {"price": {"N": "1"}}})
        dynamodb.delete_item(TableName=copy, Key={"id": {"S": "item-4"}})

    drill_id = drilled_while(guardian, table, meddle, sample=sample, at=guardian.ago(minutes=30))
    failed = guardian.failed(drill_id)
    assert failed["items"]["mismatched"] == 3
    assert failed["items"]["equal"] == len(GOODS) - 2
    assert "3 of 21 compared items are not as they were." in failed["error"]
    assert failed["recoveryTime"]["verified"] is None
    evidence = json.loads(guardian.object_at(failed["evidenceUri"]))
    hows = sorted(each["how"] for each in evidence["items"]["mismatches"])
    assert hows == ["additional", "different", "missing"]
    assert "item-" not in json.dumps(evidence)
    guardian.leaves_nothing(drill_id)


def test_another_structure_is_told(guardian: Driller) -> None:
    table = guardian.stocked()

    def meddle(copy: str) -> None:
        guardian.client("dynamodb").update_table(
            TableName=copy,
            BillingMode="PROVISIONED",
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )

    failed = guardian.failed(drilled_while(guardian, table, meddle))
    assert failed["structure"] == ["Its throughput is provisioned; it was asked for on demand."]
    assert failed["items"]["mismatched"] == 0
    assert "The structure differs" in failed["error"]


def test_each_piece_of_evidence_names_the_one_before(guardian: Driller) -> None:
    table = guardian.stocked()
    first = guardian.passed(guardian.ask(table))
    second = guardian.passed(guardian.ask(table))
    assert second["previousSha256"] == first["evidenceSha256"]
    year = guardian.client("s3").get_object(
        Bucket=guardian.stack.outputs["EvidenceBucketName"],
        Key=f"years/{first['recoveryTime']['asked'][:4]}.html",
    )
    assert table in year["Body"].read().decode()


def test_the_command_line_asks_lists_and_verifies(guardian: Driller) -> None:
    cli, table = Cli(guardian), guardian.stocked()
    asked = cli("drill", table, "--json")
    assert asked.code == 0, asked.err
    assert asked.json["detailType"] == "Drill Passed"
    listed = cli("drill", "list", "--table", table, "--json")
    assert listed.code == 0, listed.err
    [drill] = listed.json["drills"]
    assert drill["answer"]["evidenceSha256"] == asked.json["evidenceSha256"]
    verified = cli("verify-evidence", asked.json["evidenceSha256"])
    assert verified.code == 0, verified.err
    assert "each as it was written" in verified.out
    told = cli("tables", table, "--json")
    assert [each["answer"]["detailType"] for each in told.json["drills"]] == ["Drill Passed"]
