"""What a test does in its account of the embedded AWS, in few words."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from localcloud import (
    LocalCloud,
    Settings,
)

# Long, so that real time hardly matters: tests move the clock.
SETTINGS = Settings(
    creating_seconds=30,
    not_found_seconds=10,
    backups_enabling_seconds=10,
    updating_seconds=20,
    restore_seconds=300,
    index_seconds=60,
    deleting_seconds=40,
    deleting_accepts_pitr_seconds=10,
    deletion_backup_seconds=10,
    backup_seconds=5,
    latest_lag_seconds=300,
    export_seconds=60,
    cloudtrail_delay_seconds=0.02,
    max_concurrent_restores=2,
    max_concurrent_exports=4,
    state_machine_wait_scale=0.0,
    event_retry_seconds=0.1,
)
HOME, ELSEWHERE = "eu-central-1", "eu-west-1"
NUMBERS = itertools.count(1)
_NO_RETRIES = Config(retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Account:
    """An AWS account of one test; its clients don't retry."""

    cloud: LocalCloud
    account_id: str

    def client(self, service: str, region: str = HOME, **credentials: Any) -> Any:
        return self.cloud.client(
            service, region, config=_NO_RETRIES, **{"access_key": self.account_id, **credentials}
        )

    @property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    def arn(self, table: str, region: str = HOME) -> str:
        return f"arn:aws:dynamodb:{region}:{self.account_id}:table/{table}"

    def advance(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)

    def create_table(self, name: str = "orders", **parameters: Any) -> str:
        """Create a table with the key `id` that is CREATING, and return its name."""
        self.dynamodb.create_table(
            **{
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                **parameters,
            }
        )
        return name

    def active_table(self, name: str = "orders", **parameters: Any) -> str:
        """Create a table and let it become ACTIVE, its continuous backups being ready."""
        self.create_table(name, **parameters)
        self.advance(SETTINGS.creating_seconds + SETTINGS.index_seconds)
        return name

    def protected_table(self, name: str = "orders", **parameters: Any) -> str:
        """An ACTIVE table whose PITR is on, for the default period."""
        self.active_table(name, **parameters)
        self.switch(name, on=True)
        return name

    def switch(self, table: str, *, on: bool, days: int | None = None) -> Any:
        specification: dict[str, Any] = {"PointInTimeRecoveryEnabled": on}
        if days:
            specification["RecoveryPeriodInDays"] = days
        answer = self.dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=specification
        )
        return answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    def pitr(self, table: str, region: str = HOME) -> Any:
        answer = self.client("dynamodb", region).describe_continuous_backups(TableName=table)
        return answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]

    def describe(self, table: str, region: str = HOME) -> Any:
        return self.client("dynamodb", region).describe_table(TableName=table)["Table"]

    def status(self, table: str, region: str = HOME) -> str:
        status: str = self.describe(table, region)["TableStatus"]
        return status

    def put(self, table: str, key: str, **attributes: str) -> None:
        item = {name: {"S": value} for name, value in {"id": key, **attributes}.items()}
        self.dynamodb.put_item(TableName=table, Item=item)

    def items(self, table: str, region: str = HOME) -> list[dict[str, str]]:
        """All items, by their key."""
        found = self.client("dynamodb", region).scan(TableName=table)["Items"]
        plain = [{name: value["S"] for name, value in item.items()} for item in found]
        return sorted(plain, key=lambda item: item["id"])

    def user(self, *statements: dict[str, Any]) -> dict[str, str]:
        """Credentials of a new IAM user that is allowed these statements."""
        iam = self.client("iam")
        name = f"user-{next(NUMBERS)}"
        iam.create_user(UserName=name)
        if statements:
            allowed = [{"Effect": "Allow", **statement} for statement in statements]
            policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
            iam.put_user_policy(UserName=name, PolicyName="allowed", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}

    def role(self, *statements: dict[str, Any], name: str = "app", trusts: str = "lambda") -> str:
        """ARN of a new role that a service may assume and that is allowed these statements."""
        iam = self.client("iam")
        principal = {
            "Service": f"{trusts}.amazonaws.com",
            "AWS": f"arn:aws:iam::{self.account_id}:root",
        }
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn: str = iam.create_role(RoleName=name, Path="/of/", AssumeRolePolicyDocument=document)[
            "Role"
        ]["Arn"]
        allowed = [{"Effect": "Allow", **statement} for statement in statements]
        policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy)
        return arn

    def record(
        self, event_name: str, region: str = HOME, table: str | None = None
    ) -> dict[str, Any]:
        """The first CloudTrail record of that call in this account; waits for its delivery."""
        wanted = (self.account_id, event_name, region)

        def matches(record: dict[str, Any]) -> bool:
            tables = [resource["ARN"].rpartition("/")[2] for resource in record["resources"]]
            found = (record["recipientAccountId"], record["eventName"], record["awsRegion"])
            return found == wanted and (table is None or table in tables)

        return self.cloud.trail.wait_for(matches)

    def records(self) -> list[dict[str, Any]]:
        """All CloudTrail records of this account so far."""
        return [
            record
            for record in self.cloud.trail.records
            if record["recipientAccountId"] == self.account_id
        ]
