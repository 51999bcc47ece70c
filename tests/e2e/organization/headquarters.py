"""A guardian with members, and what a test sees of them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.embedded_aws import Caller, Json
from tests.e2e.guardian import Fact, fresh
from tests.e2e.organization.member import Member
from tests.e2e.sweeps.sweeper import TRAIL, TRAILS_HOME, Sweeper
from tests.e2e.waiting import PATIENCE_SECONDS, eventually


class Headquarters(Sweeper):
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

    # -- requests -----------------------------------------------------------------------------

    def ask(self, detail_type: str, **detail: Any) -> str:
        """Put a request on the bus; returns its id."""
        request_id = fresh("request")
        self.put(detail_type, {"requestId": request_id, **detail})
        return request_id

    def put(self, detail_type: str, detail: Json) -> None:
        """Put an event on the request bus."""
        entry = {
            "EventBusName": self.stack.outputs["RequestBusName"],
            "Source": "shop.operations",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        assert self.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    def answer(self, request_id: str, *kinds: str, within: float = PATIENCE_SECONDS) -> Fact:
        """The first fact of these kinds about a request or a plan; waits until there is one."""

        def first() -> Fact | None:
            told = (fact for kind in kinds for fact in self.facts_of_kind(kind))
            return next((each for each in told if _is_about(each, request_id)), None)

        return eventually(first, f"one of {kinds} about {request_id}", within)

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

    @contextlib.contextmanager
    def unheard(self, member: Member, ago: timedelta) -> Iterator[None]:
        """Meanwhile the member's last heartbeat was so long ago: nobody can wait three hours here.
        Afterwards it is heard again."""
        since = f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%S}.000Z"
        place = {
            "TableName": self.stack.outputs["LedgerTableName"],
            "Key": {"pk": {"S": "members"}, "sk": {"S": f"{member.account}#{member.region}"}},
        }
        ledger = self.client("dynamodb")
        ledger.update_item(
            **place,
            UpdateExpression="SET heardAt = :at",
            ConditionExpression="attribute_exists(heardAt)",
            ExpressionAttributeValues={":at": {"S": since}},
        )

        def is_heard() -> bool:
            heard_at: str = ledger.get_item(**place, ConsistentRead=True)["Item"]["heardAt"]["S"]
            return heard_at > since

        try:
            yield
        finally:
            member.beat(self.inbox)
            eventually(is_heard, f"{member} is heard again")

    @contextlib.contextmanager
    def unseen_in(self, member: Member) -> Iterator[None]:
        """Nothing that happens meanwhile in the member's account is ever an event."""
        trail = self.aws.client("cloudtrail", TRAILS_HOME, Caller(member.account, "local"))
        trail.stop_logging(Name=TRAIL)
        try:
            yield
        finally:
            trail.start_logging(Name=TRAIL)


def _is_about(fact: Fact, request_id: str) -> bool:
    return request_id in {fact.detail.get("requestId"), fact.detail.get("planId")}


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
