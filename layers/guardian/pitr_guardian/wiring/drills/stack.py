"""What drills have for most of their functions: the ledger."""

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.settings import setting


def ledger() -> DrillLedger:
    """The ledger."""
    return DrillLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))
