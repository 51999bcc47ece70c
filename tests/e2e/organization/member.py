"""An account and region whose tables a guardian elsewhere looks after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from tests.e2e.embedded_aws import Caller, EmbeddedAws, Json
from tests.e2e.guardian import fresh
from tests.e2e.waiting import eventually

TEMPLATE = Path(__file__).parents[3] / "organization/member.yaml"
ROLE = "PitrGuardianMember"


@dataclass(frozen=True)
class Member:
    """The root of an account, in one region of it."""

    aws: EmbeddedAws
    account: str
    region: str

    def client(self, service: str, caller: Caller | None = None) -> Any:
        return self.aws.client(service, self.region, caller or Caller(self.account, "local"))

    def arn(self, table: str) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{table}"

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:role/{ROLE}"

    def user(self, *actions: str) -> Caller:
        """A new IAM user of the account, who may do that to everything."""
        iam, name = self.client("iam"), fresh("user")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="of-the-test", PolicyDocument=policy(allow))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Caller(key["AccessKeyId"], key["SecretAccessKey"], arn=arn)

    # -- its stack ----------------------------------------------------------------------------

    def deploy(self, inbox: str, main_region: str, **parameters: str) -> str:
        """Create the member's stack, as a StackSet would; its name."""
        # MiniStack names a stack's roles, which have no region, after the stack alone.
        name = f"member-{self.account}-{self.region}"
        given = {
            "GuardianAccountId": self.aws.account_id,
            "InboxBusArn": inbox,
            "MainRegion": main_region,
            **parameters,
        }
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE.read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
            ],
        )
        self._await("stack_create_complete", name)
        return name

    def remove(self, stack: str) -> None:
        self.client("cloudformation").delete_stack(StackName=stack)
        self._await("stack_delete_complete", stack)

    def _await(self, what: str, stack: str) -> None:
        cloudformation = self.client("cloudformation")
        try:
            cloudformation.get_waiter(what).wait(
                StackName=stack, WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
            )
        except WaiterError as error:
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            said = [each.get("ResourceStatusReason", "") for each in events]
            raise AssertionError(f"{stack}: {said}") from error

    def beat(self, inbox: str) -> None:
        """Let an hour be over: the heartbeat is sent now."""
        self.aws.fire_rule(f"{inbox.rpartition('/')[2]}-heartbeat", self.account, self.region)

    # -- its tables ---------------------------------------------------------------------------

    def create_table(self, prefix: str = "Orders", **more: Any) -> str:
        """Create a table with the key `id`, and return its name; it is CREATING for a moment."""
        name: str = more.pop("TableName", None) or fresh(prefix)
        self.client("dynamodb").create_table(
            **{
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                **more,
            }
        )
        return name

    def switch(
        self, table: str, *, on: bool, days: int | None = None, caller: Caller | None = None
    ) -> None:
        specification: Json = {"PointInTimeRecoveryEnabled": on}
        if days:
            specification["RecoveryPeriodInDays"] = days
        self.client("dynamodb", caller).update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=specification
        )

    def pitr(self, table: str) -> str:
        """ENABLED or DISABLED; a table that was just created may be neither for a moment."""
        dynamodb = self.client("dynamodb")

        def status() -> str:
            try:
                answer = dynamodb.describe_continuous_backups(TableName=table)
            except dynamodb.exceptions.TableNotFoundException:
                return ""
            described = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            return str(described["PointInTimeRecoveryStatus"])

        return eventually(status, f"whether {table} has PITR")


def policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
