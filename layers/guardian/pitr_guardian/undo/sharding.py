"""A data file's changes, dealt out to shards by their keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.exports.manifest import BadManifestError, DataFile, data_file_of
from pitr_guardian.exports.packing import unpacked
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.reading import changes_in
from pitr_guardian.exports.record import Change
from pitr_guardian.exports.shards import dealing, shard_of
from pitr_guardian.exports.values import key_text, same
from pitr_guardian.undo import places
from pitr_guardian.undo.given import partition_value
from pitr_guardian.undo.line import Applied
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.ports import UndoRecords
from pitr_guardian.undo.warrant import planning


@dataclass(frozen=True, slots=True)
class Sharder:
    """Deals a data file out. Memory doesn't grow with the file; the shards are kept on disk."""

    ledger: UndoRecords
    objects: Objects

    def shard(
        self, plan_id: str, export: str, file: Mapping[str, Any], shards: int
    ) -> dict[str, Any]:
        """Deal one file out to shards.

        Args:
            plan_id: the plan's id.
            export: ``P`` or ``D``, the manifest's ``name``.
            file: a line of ``manifest-files.json``, as the Distributed Map's item.
            shards: how many shards there are.

        Returns:
            ``{"items": 1234}``: those of the wanted partition.

        Raises:
            BadFileError, BadManifestError: the file is short or wrong; the text names it.
        """
        order = planning(self.ledger, plan_id)
        if order.request.revert is not None:
            name, changes = self._reverted(order.request.revert, file)
        else:
            data = data_file_of(file, f"{places.exports(plan_id, order.table.account)}/")
            name, changes = data.name, self._exported(data)
        count = 0
        with dealing(
            self.objects, lambda number: places.sharded(plan_id, number, export, name)
        ) as dealt:
            for change in _of_partition(order, changes):
                key = key_text(change.key, order.shape.key.names)
                dealt.write(shard_of(key, shards), change.line)
                count += 1
        return {"items": count}

    def _exported(self, file: DataFile) -> Iterator[Change]:
        with self.objects.open(file.key) as stream:
            yield from changes_in(stream, file)

    def _reverted(self, plan_id: str, file: Mapping[str, Any]) -> tuple[str, Iterator[Change]]:
        key = str(file.get("dataFileS3Key"))
        if not key.startswith(places.applied_prefix(plan_id)):
            raise BadManifestError(f"{key:.300} isn't what the undo {plan_id} did")
        return key.rpartition("/")[2].partition(".")[0], self._applied(key)

    def _applied(self, key: str) -> Iterator[Change]:
        for line in unpacked(self.objects, key):
            done = Applied.model_validate_json(line)
            if done.outcome.wrote:
                yield Change(done.key, done.before, done.after, 0)


def _of_partition(order: UndoOrder, changes: Iterator[Change]) -> Iterator[Change]:
    if order.request.partition is None:
        return changes
    key = order.shape.key
    wanted = partition_value(order.request.partition, key)
    return (change for change in changes if same(change.key.get(key.partition.name), wanted))
