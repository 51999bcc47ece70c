"""A guardian with members, and what a test sees of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import Fact, Guardian
from tests.e2e.organization.member import Member
from tests.e2e.waiting import eventually


class Headquarters(Guardian):
    """Knows tables by their account and region, too."""

    @property
    def inbox(self) -> str:
        arn: str = self.stack.outputs["InboxBusArn"]
        return arn

    # -- facts --------------------------------------------------------------------------------

    def of_table(self, arn: str) -> list[Fact]:
        """What was told of a table so far, by its whole ARN, oldest first."""
        return [
            fact for fact in self._all_facts() if (fact.detail.get("table") or {}).get("arn") == arn
        ]

    def told_of(self, arn: str, detail_type: str) -> Fact:
        """The newest fact of that kind about a table; waits until there is one."""

        def newest() -> Fact | None:
            found = [fact for fact in self.of_table(arn) if fact.detail_type == detail_type]
            return found[-1] if found else None

        return eventually(newest, f"{detail_type} of {arn}")

    def of_member(self, member: Member, detail_type: str) -> list[Fact]:
        """What was told of a member, oldest first."""
        return [
            fact
            for fact in self.facts_of_kind(detail_type)
            if fact["account"] == member.account
            and fact.detail.get("region", member.region) == member.region
        ]

    # -- members ------------------------------------------------------------------------------

    def welcome(self, member: Member, main_region: str, **parameters: str) -> str:
        """Deploy a member and let it be heard; the name of its stack."""
        stack = member.deploy(self.inbox, main_region, **parameters)
        member.beat(self.inbox)
        eventually(lambda: self.of_member(member, "Member Joined"), f"{member} has joined")
        return stack

    def protected_table_of(self, member: Member, **more: Any) -> str:
        """A new table of a member that the guardian has protected, and said so."""
        table = member.create_table(**more)
        self.told_of(member.arn(table), "Table Protected")
        self.settle()
        return table

    def unheard_since(self, member: Member, ago: timedelta) -> None:
        """Let the member's last heartbeat be so long ago: nobody can wait three hours here."""
        self.client("dynamodb").update_item(
            TableName=self.stack.outputs["LedgerTableName"],
            Key={"pk": {"S": "members"}, "sk": {"S": f"{member.account}#{member.region}"}},
            UpdateExpression="SET heardAt = :at",
            ConditionExpression="attribute_exists(heardAt)",
            ExpressionAttributeValues={":at": {"S": (datetime.now(UTC) - ago).isoformat()}},
        )

    def trail_of(self, member: Member) -> Any:
        """The client of the member's account for its trail, which is of all regions."""
        return self.aws.client("cloudtrail", "eu-central-1", Caller(member.account, "local"))


def forged_detail(victim: Member, table: str) -> Json:
    """What CloudTrail would say of PITR being switched off on somebody's table."""
    arn = victim.arn(table)
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Root", "accountId": victim.account},
        "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": "UpdateContinuousBackups",
        "awsRegion": victim.region,
        "requestParameters": {
            "tableName": arn,
            "pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": False},
        },
        "responseElements": None,
        "resources": [{"accountId": victim.account, "type": "AWS::DynamoDB::Table", "ARN": arn}],
        "eventID": "11111111-2222-3333-4444-555555555555",
        "eventType": "AwsApiCall",
        "recipientAccountId": victim.account,
        "eventCategory": "Management",
    }
