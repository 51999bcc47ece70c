"""What a watchman tells of members besides: fights, replicas, missing trails, void exemptions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member
from tests.e2e.waiting import eventually

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def kinds(guardian: Headquarters, arn: str) -> list[str]:
    return [fact.detail_type for fact in guardian.of_table(arn)]


def test_a_fight_over_a_members_table_is_told_of_that_table_alone(
    guardian: Headquarters, bank: Member, shop_elsewhere: Member
) -> None:
    name = guardian.protected_table_of(bank)
    guardian.protected_table_of(shop_elsewhere, TableName=name)  # of the same name and region
    for times in range(1, 5):
        bank.switch(name, on=False)
        guardian.settle()
        assert bank.pitr(name) == "ENABLED"
        if times < 3:  # the other account's are counted by themselves
            shop_elsewhere.switch(name, on=False)
            guardian.settle()
    told = kinds(guardian, bank.arn(name))
    assert (told.count("PITR Re-enabled"), told.count("Fight Detected")) == (3, 1)
    fight = guardian.told_of(bank.arn(name), "Fight Detected")
    assert (fight["severity"], fight["count"]) == ("critical", 3)
    assert fight["table"]["account"] == bank.account
    theirs = kinds(guardian, shop_elsewhere.arn(name))
    assert (theirs.count("PITR Re-enabled"), theirs.count("Fight Detected")) == (2, 0)


@pytest.fixture(scope="module")
def global_table(guardian: Headquarters, shop: Member, shop_elsewhere: Member) -> str:
    """A table of a member with a replica in its other region; both are protected."""
    table = guardian.protected_table_of(shop, StreamSpecification=STREAM)
    shop.client("dynamodb").update_table(
        TableName=table, ReplicaUpdates=[{"Create": {"RegionName": shop_elsewhere.region}}]
    )
    born = guardian.told_of(shop_elsewhere.arn(table), "Table Protected")
    assert born["createdBy"] == "UpdateTable"
    assert (born["table"]["account"], born["table"]["region"]) == (
        shop.account,
        shop_elsewhere.region,
    )
    guardian.settle()
    return table


def test_a_replica_of_a_members_table_is_protected_and_put_right_in_its_own_region(
    guardian: Headquarters, shop: Member, shop_elsewhere: Member, global_table: str
) -> None:
    assert kinds(guardian, shop.arn(global_table)) == ["Table Protected"]
    shop_elsewhere.switch(global_table, on=False)
    repaired = guardian.told_of(shop_elsewhere.arn(global_table), "PITR Re-enabled")
    assert repaired["table"]["region"] == shop_elsewhere.region
    guardian.settle()
    for place in (shop, shop_elsewhere):
        assert place.pitr(global_table) == "ENABLED"
    assert kinds(guardian, shop.arn(global_table)) == ["Table Protected"]


def test_a_replica_that_is_removed_is_told_where_it_was(
    guardian: Headquarters, shop: Member, shop_elsewhere: Member, global_table: str
) -> None:
    shop.client("dynamodb").update_table(
        TableName=global_table,
        ReplicaUpdates=[{"Delete": {"RegionName": shop_elsewhere.region}}],
    )
    gone = guardian.told_of(shop_elsewhere.arn(global_table), "Table Deleted")
    assert gone["replicaOf"] == shop.arn(global_table)
    assert gone["table"]["account"] == shop.account
    assert "Table Deleted" not in kinds(guardian, shop.arn(global_table))


def test_a_member_without_a_trail_is_told_once_with_its_account(
    guardian: Headquarters, bank: Member
) -> None:
    with guardian.unseen_in(bank):
        sweep = guardian.sweep()
        guardian.sweep()
    [told] = guardian.of_member(bank, "Trail Missing")
    assert (told["severity"], told["region"]) == ("critical", bank.region)
    by_place = {(each["account"], each["region"]): each["trail"] for each in sweep["regions"]}
    assert by_place[bank.account, bank.region] == "missing"
    assert by_place[guardian.aws.account_id, guardian.stack.region] == "recording"


def test_an_exemption_of_a_member_that_does_not_count_is_told(
    guardian: Headquarters, bank: Member
) -> None:
    table = guardian.protected_table_of(bank)
    bank.client("dynamodb").tag_resource(
        ResourceArn=bank.arn(table), Tags=[{"Key": "pitr-guardian:exempt", "Value": "for ever"}]
    )
    told = guardian.told_of(bank.arn(table), "Exemption Invalid")
    assert told["table"]["account"] == bank.account
    assert bank.pitr(table) == "ENABLED"


def test_the_end_of_a_silence_is_told_and_history_has_both(
    guardian: Headquarters, bank: Member
) -> None:
    before = len(guardian.of_member(bank, "Member Heard Again"))
    with guardian.unheard(bank, timedelta(hours=4)):
        guardian.sweep()

    def again() -> bool:
        return len(guardian.of_member(bank, "Member Heard Again")) > before

    eventually(again, "that the bank is heard again")
    bank.beat(guardian.inbox)
    guardian.settle()
    told = guardian.of_member(bank, "Member Heard Again")
    assert len(told) == before + 1
    assert told[-1]["severity"] == "info"
    assert told[-1]["seconds"] > 3 * 3600
    assert len(guardian.of_member(bank, "Member Joined")) == 1
    incidents = Cli(guardian)("history", "--json").json["incidents"]
    of_bank = [each["detailType"] for each in incidents if each.get("account") == bank.account]
    assert of_bank[:2] == ["Member Heard Again", "Member Silent"]
