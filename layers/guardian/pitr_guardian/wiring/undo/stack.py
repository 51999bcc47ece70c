"""What undos have for most of their functions: the ledger and the bucket."""

from pitr_guardian.aws import clients
from pitr_guardian.aws.exports.objects import ObjectBucket
from pitr_guardian.aws.ledger.undos import UndoLedger
from pitr_guardian.settings import setting


def ledger() -> UndoLedger:
    """The ledger."""
    return UndoLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))


def bucket() -> ObjectBucket:
    """The undos' bucket."""
    return ObjectBucket(clients.s3(), setting("UNDO_BUCKET"))
