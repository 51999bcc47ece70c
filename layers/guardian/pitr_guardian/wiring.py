"""Which adapter goes where. Built once per execution environment, on first use."""

from functools import cache, partial
from time import monotonic, sleep

from pitr_guardian.acceptance import Reception
from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers import carriers
from pitr_guardian.aws.catalogue import DynamoCatalogue
from pitr_guardian.aws.facts import FactBus
from pitr_guardian.aws.keys import KmsKeys
from pitr_guardian.aws.ledger import DynamoLedger
from pitr_guardian.aws.queue import EnforcementQueue
from pitr_guardian.aws.report_bucket import ReportBucket
from pitr_guardian.aws.restores import DynamoRestores
from pitr_guardian.aws.sweep_ledger import SweepLedger
from pitr_guardian.aws.tables import DynamoTables
from pitr_guardian.aws.topic import AlertTopic
from pitr_guardian.aws.trails import CloudTrails
from pitr_guardian.aws.workflow import RestoreWorkflow
from pitr_guardian.carrying import Porter
from pitr_guardian.deletion import DeletionWatch
from pitr_guardian.enforcement import Enforcer
from pitr_guardian.instants import utc_now
from pitr_guardian.logs import decided, received
from pitr_guardian.preflight import Bounds
from pitr_guardian.restoration import ProgressCheck, RestoreStart
from pitr_guardian.restore_answers import LastWord
from pitr_guardian.settings import home_from, number, policy_from, setting
from pitr_guardian.survey import Survey
from pitr_guardian.sweep.audit import Audit
from pitr_guardian.sweep.team import Threads
from pitr_guardian.sweep.trail import TrailCheck
from pitr_guardian.sweep.walk import Bounds as SweepBounds


@cache
def enforcer() -> Enforcer:
    """The enforcer of this environment."""
    return Enforcer(
        tables=DynamoTables(clients.dynamodb),
        ledger=_ledger(),
        facts=fact_bus(),
        looks=_looks(),
        policy=policy_from(),
        clock=utc_now,
        log=decided,
    )


@cache
def deletions() -> DeletionWatch:
    """The watch over deletions of this environment."""
    return DeletionWatch(
        restores=_restores(),
        ledger=_ledger(),
        facts=fact_bus(),
        looks=_looks(),
        clock=utc_now,
    )


@cache
def reception() -> Reception:
    """The reception of this environment."""
    return Reception(
        tables=DynamoTables(clients.dynamodb),
        restores=_restores(),
        keys=_keys(),
        workflows=RestoreWorkflow(clients.stepfunctions(), setting("RESTORE_STATE_MACHINE_ARN")),
        facts=fact_bus(),
        home=home_from(),
        bounds=Bounds(setting("RESTORE_SOURCE_PATTERN"), setting("RESTORE_TARGET_PATTERN")),
        clock=utc_now,
        log=received,
    )


@cache
def survey() -> Survey:
    """The reader of settings of this environment."""
    return Survey(
        tables=DynamoTables(clients.dynamodb),
        restores=_restores(),
        ledger=_ledger(),
        carriers=carriers(),
        policy=policy_from(),
    )


@cache
def restore_start() -> RestoreStart:
    """Who starts restores in this environment."""
    return RestoreStart(restores=_restores(), ledger=_ledger(), clock=utc_now)


@cache
def progress_check() -> ProgressCheck:
    """Who looks after restores in this environment."""
    return ProgressCheck(restores=_restores())


@cache
def porter() -> Porter:
    """Who puts settings back in this environment."""
    return Porter(tables=DynamoTables(clients.dynamodb), restores=_restores(), carriers=carriers())


@cache
def audit() -> Audit:
    """The audit of this environment."""
    return Audit(
        catalogue=DynamoCatalogue(clients.dynamodb_once, clients.tagging, home_from()),
        sightings=_sweep_ledger(),
        requests=_looks(),
        parts=_report_bucket(),
        policy=policy_from(),
        bounds=SweepBounds(number("SWEEP_CALLS_PER_SECOND"), number("AUDIT_SECONDS")),
        clock=utc_now,
        ticks=monotonic,
        sleep=sleep,
        team=partial(Threads, clients.AT_ONCE),
    )


@cache
def trail_check() -> TrailCheck:
    """The check for trails of this environment."""
    return TrailCheck(
        trails=CloudTrails(clients.cloudtrail),
        warnings=_sweep_ledger(),
        facts=fact_bus(),
        account=home_from().account,
        clock=utc_now,
    )


@cache
def last_word() -> LastWord:
    """Who answers for workflows that can't, in this environment."""
    return LastWord(ledger=_ledger(), facts=fact_bus())


@cache
def fact_bus() -> FactBus:
    """The fact bus."""
    return FactBus(clients.events(), setting("FACT_BUS"))


@cache
def alert_topic() -> AlertTopic:
    """The alert topic."""
    return AlertTopic(clients.sns(), setting("ALERT_TOPIC_ARN"))


def _looks() -> EnforcementQueue:
    return EnforcementQueue(clients.sqs(), setting("ENFORCEMENT_QUEUE_URL"))


def _keys() -> KmsKeys:
    return KmsKeys(clients.kms)


def _restores() -> DynamoRestores:
    return DynamoRestores(clients.dynamodb, clients.dynamodb_once, _keys())


def _report_bucket() -> ReportBucket:
    return ReportBucket(clients.s3(), setting("REPORT_BUCKET"))


def _sweep_ledger() -> SweepLedger:
    return SweepLedger(clients.dynamodb(setting("AWS_REGION")), setting("LEDGER_TABLE"))


def _ledger() -> DynamoLedger:
    return DynamoLedger(clients.dynamodb(setting("AWS_REGION")), setting("LEDGER_TABLE"))
