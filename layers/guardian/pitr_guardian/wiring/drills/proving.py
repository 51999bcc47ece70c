"""Proving a copy: exports, items, and what they say of each other."""

import time
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.items import DynamoTableItems
from pitr_guardian.aws.drills.partitions import DynamoPartitions
from pitr_guardian.aws.drills.structures import DynamoStructures
from pitr_guardian.aws.exports.exports import DynamoExports
from pitr_guardian.aws.exports.history import DynamoHistory
from pitr_guardian.aws.exports.items import DynamoReads
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.proof.comparing import Comparison
from pitr_guardian.drills.proof.exporting import RoundCheck, RoundStart
from pitr_guardian.drills.proof.sampler import PartReader, Sampler
from pitr_guardian.drills.proof.searching import Search
from pitr_guardian.drills.proof.settling import Settling
from pitr_guardian.drills.proof.structure import StructureCheck
from pitr_guardian.settings import setting
from pitr_guardian.wiring.drills.stack import bucket, ledger


@cache
def round_start() -> RoundStart:
    """Who starts a round's exports in this environment."""
    return RoundStart(
        ledger=ledger(),
        history=DynamoHistory(clients.dynamodb),
        exports=_exports(),
        objects=bucket(),
        items=_partitions(),
    )


@cache
def round_check() -> RoundCheck:
    """Who looks after a round's exports in this environment."""
    return RoundCheck(ledger=ledger(), exports=_exports(), objects=bucket())


@cache
def sampler() -> Sampler:
    """Who says which items are compared, in this environment."""
    return Sampler(
        ledger=ledger(),
        objects=bucket(),
        items=_items(),
        partitions=_partitions(),
        clock=utc_now,
    )


@cache
def part_reader() -> PartReader:
    """Who reads parts of both tables in this environment."""
    return PartReader(ledger=ledger(), objects=bucket(), items=_items(), clock=utc_now)


@cache
def search() -> Search:
    """Who searches the history in this environment."""
    return Search(ledger=ledger(), objects=bucket())


@cache
def comparison() -> Comparison:
    """Who compares items in this environment."""
    return Comparison(ledger=ledger(), objects=bucket(), clock=utc_now)


@cache
def settling() -> Settling:
    """Who says whether all is settled, in this environment."""
    live = DynamoReads(clients.dynamodb, time.sleep)
    return Settling(ledger=ledger(), objects=bucket(), items=live, clock=utc_now)


@cache
def structure_check() -> StructureCheck:
    """Who compares structures in this environment."""
    structures = DynamoStructures(clients.dynamodb, KmsKeys(clients.kms))
    return StructureCheck(ledger=ledger(), structures=structures, objects=bucket())


def _exports() -> DynamoExports:
    return DynamoExports(
        clients.dynamodb, setting("EVIDENCE_BUCKET"), setting("ACCOUNT"), setting("KMS_KEY_ARN")
    )


def _items() -> DynamoTableItems:
    return DynamoTableItems(clients.dynamodb, time.sleep)


def _partitions() -> DynamoPartitions:
    return DynamoPartitions(clients.dynamodb, time.sleep)
