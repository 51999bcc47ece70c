"""Dealing changes out to shards, and planning a shard."""

import time
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.undo.items import DynamoItems
from pitr_guardian.undo.planner import Planner
from pitr_guardian.undo.sharding import Sharder
from pitr_guardian.wiring.undo.stack import bucket, ledger


@cache
def sharder() -> Sharder:
    """Who deals changes out in this environment."""
    return Sharder(ledger=ledger(), objects=bucket())


@cache
def planner() -> Planner:
    """Who plans shards in this environment."""
    return Planner(
        ledger=ledger(), objects=bucket(), items=DynamoItems(clients.dynamodb, time.sleep)
    )
