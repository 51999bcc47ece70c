"""Taking drill requests in."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.copies import DynamoCopies
from pitr_guardian.aws.drills.structures import DynamoStructures
from pitr_guardian.aws.drills.workflow import DrillExecutions
from pitr_guardian.aws.ledger.evidence import EvidenceLedger
from pitr_guardian.aws.regions import AwsRegions
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.acceptance import DrillReception
from pitr_guardian.drills.ordering import Orders
from pitr_guardian.logs import received_drill
from pitr_guardian.settings import home_from, setting
from pitr_guardian.wiring.drills.stack import ledger
from pitr_guardian.wiring.stack import fact_bus, leave


@cache
def reception() -> DrillReception:
    """The reception of this environment."""
    return DrillReception(
        orders=orders(),
        workflow=workflow(),
        ledger=ledger(),
        facts=fact_bus(),
        home=home_from(),
        clock=utc_now,
        log=received_drill,
    )


def orders() -> Orders:
    """Who makes orders in this environment."""
    return Orders(
        tables=DynamoTables(clients.dynamodb),
        structures=DynamoStructures(clients.dynamodb, KmsKeys(clients.kms)),
        copies=DynamoCopies(clients.dynamodb),
        rates=EvidenceLedger(clients.own_dynamodb(), setting("LEDGER_TABLE")),
        regions=AwsRegions(),
        home=home_from(),
        leave=leave(),
        pattern=setting("RESTORE_SOURCE_PATTERN"),
        tag_key=setting("DRILL_TAG_KEY"),
        clock=utc_now,
    )


def workflow() -> DrillExecutions:
    """The workflow of this environment."""
    return DrillExecutions(clients.stepfunctions(), setting("DRILL_STATE_MACHINE_ARN"))
