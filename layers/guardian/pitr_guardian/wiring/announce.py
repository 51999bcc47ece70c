"""Announce's part."""

from functools import cache
from time import monotonic

from pitr_guardian.aws import clients
from pitr_guardian.aws.facts.digest_lists import DigestLists
from pitr_guardian.aws.facts.digest_queue import DigestQueue
from pitr_guardian.aws.facts.topic import AlertTopic, ChatTopic
from pitr_guardian.aws.ledger.accounts import AccountLedger
from pitr_guardian.aws.ledger.alerts import AlertLedger
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.facts.accounts import KnownAccounts
from pitr_guardian.facts.announcing import Announcer, Digester
from pitr_guardian.facts.ports import Topic
from pitr_guardian.settings import member_role_from, setting, undo_pattern_from
from pitr_guardian.wiring.stack import fact_bus


@cache
def announcer() -> Announcer:
    """What announces facts and alarms."""
    topics: dict[str, Topic] = {"alerts": AlertTopic(clients.sns(), setting("ALERT_TOPIC_ARN"))}
    if chat := setting("CHAT_TOPIC_ARN"):
        topics["chat"] = ChatTopic(clients.sns(), chat)
    return Announcer(
        topics=topics,
        records=_ledger(),
        accounts=_accounts(),
        digests=DigestQueue(clients.sqs, setting("DIGEST_QUEUE_URL")),
        clock=utc_now,
        stack=setting("STACK_NAME"),
        undo_pattern=undo_pattern_from(),
    )


@cache
def digester() -> Digester:
    """What tells of folded alerts."""
    return Digester(
        floods=_ledger(),
        lists=DigestLists(clients.s3, setting("REPORT_BUCKET")),
        facts=fact_bus(),
        accounts=_accounts(),
        clock=utc_now,
    )


@cache
def _accounts() -> KnownAccounts | None:
    if not member_role_from():
        return None
    return KnownAccounts(AccountLedger(clients.hasty_dynamodb, setting("LEDGER_TABLE")), monotonic)


def _ledger() -> AlertLedger:
    return AlertLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))
