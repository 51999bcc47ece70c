"""What `make up` shows and prints."""

from pathlib import Path
from typing import Any

import pytest

from localcloud.fact_feed import line
from localcloud.walkthrough import steps

README = (Path(__file__).parents[3] / "README.md").read_text()
OUTPUTS = {
    "RequestBusName": "guardian-requests",
    "SweepStateMachineArn": "arn:of:the:sweep",
    "ReportBucketName": "reports",
}
ENVIRONMENT = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_ACCESS_KEY_ID": "123456789012",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": "/dev/null",
}


def shown() -> dict[str, str]:
    return steps(OUTPUTS, ENVIRONMENT)


def test_the_tables_are_those_of_the_readme() -> None:
    commands = " ".join([*shown(), *shown().values()])
    assert "--table-name Orders " in commands
    assert "orders" not in commands
    for name in ("Orders", "Orders-copy"):
        assert f" {name} " in README
        assert name in commands


def test_the_first_step_says_which_aws_cli_knows_the_endpoint() -> None:
    title, command = next(iter(shown().items()))
    assert "2.13 or later" in title
    assert "2.13" in README
    assert command == (
        "export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=123456789012"
        " AWS_SECRET_ACCESS_KEY=local AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1"
    )


def test_three_commands_of_the_command_line_are_there_to_try() -> None:
    words = [command.split() for command in shown().values()]
    tried = {each[1] for each in words if each[0] == ".venv/bin/pitr-guardian"}
    assert tried == {"doctor", "restore", "tables"}


def test_it_says_where_the_report_is() -> None:
    assert (
        shown()["When `Sweep Completed` has come: read the report"]
        == "aws s3 cp s3://reports/latest/report.html ."
    )


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            {
                "severity": "warning",
                "table": {"name": "Orders"},
                "reason": "PITR was off;\nit is on now, with 35 days.",
            },
            "10:14:59Z  warning   It  Orders  PITR was off; it is on now, with 35 days.",
        ),
        (
            {"severity": "info", "targetTable": "Orders-copy", "reason": "Done."},
            "10:14:59Z  info      It  Orders-copy  Done.",
        ),
        (
            {"severity": "info", "reason": "Every table.", "reportUri": "s3://b/report.html"},
            "10:14:59Z  info      It  Every table.  Report: s3://b/report.html",
        ),
        ({}, "10:14:59Z            It"),
    ],
    ids=["table", "restore", "sweep", "of-others"],
)
def test_a_fact_is_one_line(detail: dict[str, Any], said: str) -> None:
    event = {"time": "2026-11-22T10:14:59Z", "detail-type": "It", "detail": detail}
    assert line(event) == said
