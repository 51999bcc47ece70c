"""Which adapter goes where. Built once per execution environment, on first use."""

from functools import cache

from pitr_guardian.acceptance import Reception
from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers import carriers
from pitr_guardian.aws.facts import FactBus
from pitr_guardian.aws.keys import KmsKeys
from pitr_guardian.aws.ledger import DynamoLedger
from pitr_guardian.aws.queue import EnforcementQueue
from pitr_guardian.aws.restores import DynamoRestores
from pitr_guardian.aws.tables import DynamoTables
from pitr_guardian.aws.topic import AlertTopic
from pitr_guardian.aws.workflow import RestoreWorkflow
from pitr_guardian.enforcement import Enforcer
from pitr_guardian.instants import utc_now
from pitr_guardian.logs import decided, received
from pitr_guardian.preflight import Bounds
from pitr_guardian.restoration import Restoration
from pitr_guardian.settings import home_from, policy_from, setting
from pitr_guardian.survey import Survey


@cache
def enforcer() -> Enforcer:
    """The enforcer of this environment."""
    return Enforcer(
        tables=DynamoTables(clients.dynamodb),
        ledger=_ledger(),
        facts=fact_bus(),
        looks=EnforcementQueue(clients.sqs(), setting("ENFORCEMENT_QUEUE_URL")),
        policy=policy_from(),
        clock=utc_now,
        log=decided,
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
def restoration() -> Restoration:
    """The workflow's hands in this environment."""
    return Restoration(
        tables=DynamoTables(clients.dynamodb),
        restores=_restores(),
        ledger=_ledger(),
        carriers=carriers(),
        clock=utc_now,
    )


@cache
def fact_bus() -> FactBus:
    """The fact bus."""
    return FactBus(clients.events(), setting("FACT_BUS"))


@cache
def alert_topic() -> AlertTopic:
    """The alert topic."""
    return AlertTopic(clients.sns(), setting("ALERT_TOPIC_ARN"))


def _keys() -> KmsKeys:
    return KmsKeys(clients.kms)


def _restores() -> DynamoRestores:
    return DynamoRestores(clients.dynamodb, _keys())


def _ledger() -> DynamoLedger:
    return DynamoLedger(clients.dynamodb(setting("AWS_REGION")), setting("LEDGER_TABLE"))
