"""The restore functions' part: from a request to a restored table."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.carriers import (
    carriers,
    outliving,
)
from pitr_guardian.aws.ledger.orders import OrderLedger
from pitr_guardian.aws.ledger.restores import RestoreLedger
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.restore.restores import DynamoRestores
from pitr_guardian.aws.restore.survey_bucket import (
    SurveyReader,
    SurveyWriter,
)
from pitr_guardian.aws.restore.workflow import RestoreWorkflow
from pitr_guardian.aws.tables.deletion_backups import DynamoDeletionBackups
from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.logs import received
from pitr_guardian.restore.acceptance import Reception
from pitr_guardian.restore.answers import LastWord
from pitr_guardian.restore.carrying import Porter
from pitr_guardian.restore.record import Warrants
from pitr_guardian.restore.start import (
    ProgressCheck,
    RestoreStart,
)
from pitr_guardian.restore.survey import Survey
from pitr_guardian.settings import (
    home_from,
    policy_from,
    setting,
)
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.wiring.stack import (
    fact_bus,
    leave,
    recollection,
)


@cache
def reception() -> Reception:
    """The reception of this environment."""
    return Reception(
        tables=DynamoTables(clients.dynamodb),
        restores=_restores(),
        kept=DynamoDeletionBackups(clients.dynamodb),
        keys=_keys(),
        workflows=_workflow(),
        ledger=_orders(),
        facts=fact_bus(),
        home=home_from(),
        leave=leave(),
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
        ledger=recollection(),
        carriers=carriers(),
        outliving=outliving(),
        policy=policy_from(),
        kept=SurveyWriter(clients.s3(), setting("REPORT_BUCKET")),
    )


@cache
def warrants() -> Warrants:
    """Who lets functions act, in this environment."""
    return Warrants(ledger=_orders())


@cache
def surveys() -> SurveyReader:
    """Where surveys are kept in this environment."""
    return SurveyReader(clients.s3(), setting("REPORT_BUCKET"))


@cache
def restore_start() -> RestoreStart:
    """Who starts restores in this environment."""
    return RestoreStart(restores=_restores(), ledger=_record(), clock=utc_now)


@cache
def progress_check() -> ProgressCheck:
    """Who looks after restores in this environment."""
    return ProgressCheck(restores=_restores())


@cache
def porter() -> Porter:
    """Who puts settings back in this environment."""
    return Porter(
        tables=DynamoTables(clients.dynamodb),
        restores=_restores(),
        carriers=carriers(),
        ledger=_orders(),
    )


@cache
def last_word() -> LastWord:
    """Who answers for workflows that can't, in this environment."""
    return LastWord(
        ledger=_orders(), executions=_workflow(), facts=fact_bus(), clock=utc_now, log=received
    )


def _workflow() -> RestoreWorkflow:
    return RestoreWorkflow(clients.stepfunctions(), setting("RESTORE_STATE_MACHINE_ARN"))


def _orders() -> OrderLedger:
    return OrderLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def _keys() -> KmsKeys:
    return KmsKeys(clients.kms)


def _record() -> RestoreLedger:
    return RestoreLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def _restores() -> DynamoRestores:
    return DynamoRestores(clients.dynamodb, clients.dynamodb_once, _keys())
