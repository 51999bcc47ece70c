"""How a copy's structure differs from what it should be."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.legible import legible
from pitr_guardian.drills import places
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import DrillRecords, Structures
from pitr_guardian.drills.structure import Structure
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.ports import NoObjectError, Objects, ReadableObjects
from pitr_guardian.tables.definition import IndexDefinition
from pitr_guardian.tables.keys import Key

MOST_TOLD, _LONGEST_TOLD, _LONGEST_INDEX = 20, 1200, 400
"""Differences that are told one by one, and characters of each, and of an index in it."""
_BILLING = {"PAY_PER_REQUEST": "on demand", "PROVISIONED": "provisioned"}
_NOT_OF_ITS_SHAPE = ("ProvisionedThroughput", "OnDemandThroughput")
"""What an index of a copy, which is on demand, needn't have of the table's."""


def differences(order: DrillOrder, copy: Structure) -> tuple[str, ...]:
    """Compare a copy with its table as it was surveyed, a sentence for each difference.

    The first ``MOST_TOLD`` of them, and how many more there are: a table may have dozens of indexes
    with a hundred attributes each, and a fact has a limit.

    Args:
        order: the drill's, with the survey; its copy is on demand whatever the table is, and has
            indexes only where they were asked for.
        copy: what was made.
    """
    found = [legible(each, _LONGEST_TOLD) for each in _differences(order, copy)]
    more = len(found) - MOST_TOLD
    if more <= 0:
        return tuple(found)
    return (
        *found[:MOST_TOLD],
        f"And {more:,} more {'difference' if more == 1 else 'differences'}.",
    )


def _differences(order: DrillOrder, copy: Structure) -> Iterator[str]:
    source = order.source
    if _spoken_key(source.key) != _spoken_key(copy.key):
        yield f"The key is {_spoken_key(copy.key)}; the table's is {_spoken_key(source.key)}."
    kinds = ("global_indexes", "local_indexes", "vector_indexes")
    for kind in kinds:
        wanted = getattr(source.definition, kind) if order.with_indexes else ()
        yield from _of_indexes(kind.partition("_")[0], wanted, getattr(copy.definition, kind))
    billing = copy.definition.billing_mode
    if billing != "PAY_PER_REQUEST":
        yield f"Its throughput is {_BILLING[billing]}; it was asked for on demand."
    yield from _of_encryption(order, copy)


def _of_indexes(
    kind: str, wanted: Iterable[IndexDefinition], found: Iterable[IndexDefinition]
) -> Iterator[str]:
    expected, there = _by_name(wanted), _by_name(found)
    for name in sorted(expected.keys() | there.keys()):
        if name not in there:
            yield f"The {kind} index {name} is missing."
        elif name not in expected:
            yield f"There is a {kind} index {name} that shouldn't be there."
        elif expected[name] != there[name]:
            yield (
                f"The {kind} index {name} is {_told(there[name])}; the table's is "
                f"{_told(expected[name])}."
            )


def _by_name(indexes: Iterable[IndexDefinition]) -> dict[str, Mapping[str, Any]]:
    return {
        index["IndexName"]: {
            name: _unordered(part) for name, part in index.items() if name not in _NOT_OF_ITS_SHAPE
        }
        for index in indexes
    }


def _unordered(part: Any) -> Any:
    """Attributes that are projected have no order."""
    if isinstance(part, dict) and "NonKeyAttributes" in part:
        return {**part, "NonKeyAttributes": sorted(part["NonKeyAttributes"])}
    return part


def _told(index: Mapping[str, Any]) -> str:
    told = json.dumps({name: index[name] for name in sorted(index) if name != "IndexName"})
    return legible(told, _LONGEST_INDEX)


def _spoken_key(key: Key) -> str:
    parts = (key.partition, key.sort)
    return ", ".join(f"{part.name} ({part.type})" for part in parts if part)


def _of_encryption(order: DrillOrder, copy: Structure) -> Iterator[str]:
    source, found = order.source.definition, copy.definition
    if order.copy_table is not None and order.copy_table.region != order.table.region:
        return  # keys are of a region; which one the copy has, the request couldn't say
    wanted, is_ = ((each.encryption_type, each.kms_key_arn) for each in (source, found))
    if wanted != is_:
        yield f"It is encrypted with {_key(*is_)}; the table is with {_key(*wanted)}."


def _key(encryption: str, arn: str | None) -> str:
    owner = {
        "AWS_OWNED": "a key that DynamoDB owns",
        "AWS_MANAGED": "the key aws/dynamodb of the account",
    }
    return owner.get(encryption) or f"the key {arn}"


@dataclass(frozen=True, slots=True)
class StructureCheck:
    """Compares the copy's structure, while there is a copy."""

    ledger: DrillRecords
    structures: Structures
    objects: Objects

    def compare(self, drill_id: str) -> dict[str, Any]:
        """Keep how the copy differs from the survey.

        Returns:
            ``{}``.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """
        order = under_way(self.ledger, drill_id).order
        copy = self.structures.structure_of(order.copy_ref)
        found = ("The copy is gone.",) if copy is None else differences(order, copy)
        content = json.dumps(found).encode()
        self.objects.put(places.differences(drill_id), content, places.JSON_TYPE)
        return {}


def differences_of(objects: ReadableObjects, drill_id: str) -> tuple[str, ...] | None:
    """Recall them; None where it didn't come to a comparison."""
    try:
        with objects.open(places.differences(drill_id)) as content:
            return tuple(json.loads(content.read()))
    except NoObjectError:
        return None
