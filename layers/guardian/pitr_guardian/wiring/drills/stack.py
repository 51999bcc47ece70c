"""What drills have for most of their functions: the ledger and the bucket."""

from pitr_guardian.aws import clients
from pitr_guardian.aws.exports.objects import ObjectBucket
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.settings import setting


def ledger() -> DrillLedger:
    """The ledger."""
    return DrillLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def bucket() -> ObjectBucket:
    """The evidence bucket."""
    return ObjectBucket(clients.s3(), setting("EVIDENCE_BUCKET"))
