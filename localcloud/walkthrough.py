"""What `make up` shows to try, to be copied into another terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping

# What a user needs to export; the rest of `LocalCloud.environment` only keeps programs of ours away
# from the developer's own configuration.
_TO_EXPORT = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
)


def steps(outputs: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """A command for each title, in the order to try them. The tables are those of the README."""
    exports = " ".join(f"{name}={environment[name]}" for name in _TO_EXPORT)
    request = {
        "EventBusName": outputs["RequestBusName"],
        "Source": "me",
        "DetailType": "Restore Requested",
        "Detail": json.dumps({"sourceTable": "Orders", "targetTable": "Orders-second"}),
    }
    return {
        "In another terminal, with version 2.13 or later of the AWS CLI (`aws --version`):"
        " an older one goes to the real AWS": f"export {exports}",
        "Create a table; its PITR is switched on": (
            "aws dynamodb create-table --table-name Orders --billing-mode PAY_PER_REQUEST"
            " --attribute-definitions AttributeName=id,AttributeType=S"
            " --key-schema AttributeName=id,KeyType=HASH"
        ),
        "Switch PITR off; it comes back (aws dynamodb describe-continuous-backups"
        " --table-name Orders)": (
            "aws dynamodb update-continuous-backups --table-name Orders"
            " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=false"
        ),
        "The command line": ".venv/bin/pitr-guardian doctor",
        "Restore the table, and follow it": (
            ".venv/bin/pitr-guardian restore Orders --as Orders-copy"
        ),
        "What is known of it": ".venv/bin/pitr-guardian tables Orders-copy",
        "The same as an event; a copy appears (aws dynamodb describe-table"
        " --table-name Orders-second)": (
            f"aws events put-events --entries '{json.dumps([request])}'"
        ),
        "Sweep now": (
            "aws stepfunctions start-execution --state-machine-arn "
            + outputs["SweepStateMachineArn"]
        ),
        "When `Sweep Completed` has come: read the report": (
            f"aws s3 cp s3://{outputs['ReportBucketName']}/latest/report.html ."
        ),
    }
