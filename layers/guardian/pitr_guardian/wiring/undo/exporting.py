"""The exports of a plan, and the workflow's first word."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.exports.exports import DynamoExports
from pitr_guardian.aws.exports.history import DynamoHistory
from pitr_guardian.settings import setting
from pitr_guardian.undo.answers import Greeting
from pitr_guardian.undo.exporting import ExportCheck, ExportStart
from pitr_guardian.wiring.stack import fact_bus
from pitr_guardian.wiring.undo.stack import bucket, ledger


@cache
def greeting() -> Greeting:
    """Who tells that a request was accepted, in this environment."""
    return Greeting(ledger=ledger(), facts=fact_bus())


@cache
def export_start() -> ExportStart:
    """Who starts exports in this environment."""
    return ExportStart(ledger=ledger(), history=DynamoHistory(clients.dynamodb), exports=_exports())


@cache
def export_check() -> ExportCheck:
    """Who looks after exports in this environment."""
    return ExportCheck(ledger=ledger(), exports=_exports(), objects=bucket())


def _exports() -> DynamoExports:
    return DynamoExports(
        clients.dynamodb, setting("UNDO_BUCKET"), setting("ACCOUNT"), setting("KMS_KEY_ARN")
    )
