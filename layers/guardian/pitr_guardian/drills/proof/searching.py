"""What exported files say of the items that are compared, file by file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.drills import places
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.ports import DrillRecords
from pitr_guardian.drills.proof.digests import digest_of
from pitr_guardian.drills.proof.exporting import COPY, is_full, round_of
from pitr_guardian.drills.proof.lines import documents, key_of, line_of, named
from pitr_guardian.drills.proof.rounds import Round
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.manifest import DataFile, data_file_of
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.reading import changes_in, items_in
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.shards import dealing, shard_of
from pitr_guardian.exports.values import key_text


@dataclass(frozen=True, slots=True)
class Search:
    """Searches a data file for keys. Memory doesn't grow with the file."""

    ledger: DrillRecords
    objects: Objects

    def search(
        self, drill_id: str, number: int, export: str, file: Mapping[str, Any], shards: int
    ) -> dict[str, Any]:
        """Note what one file says of the keys that are wanted.

        Args:
            drill_id: the drill's id.
            number: the round's.
            export: the manifest's ``name``.
            file: a line of ``manifest-files.json``, as the Distributed Map's item.
            shards: how many shards there are.

        Returns:
            ``{}``.

        Raises:
            BadFileError, BadManifestError: the file is short or wrong; the text names it.
        """
        order = under_way(self.ledger, drill_id).order
        round_ = round_of(self.objects, order, number)
        prefix = places.exported(drill_id, number, export, order.table.account)
        data = data_file_of(file, f"{prefix}/")
        wanted = self._wanted(order)
        names = order.source.key.names
        with dealing(
            self.objects, lambda shard: places.found(drill_id, shard, export, data.name)
        ) as dealt:
            for key, line in self._lines(order, round_, export, data):
                text = key_text(key, names)
                if wanted is None or text in wanted:
                    dealt.write(shard_of(text, shards), line)
        return {}

    def _lines(
        self, order: DrillOrder, round_: Round, export: str, data: DataFile
    ) -> Iterator[tuple[Item, bytes]]:
        with self.objects.open(data.key) as stream:
            if is_full(export, round_):
                told = "copy" if export == COPY else "exact"
                for item in items_in(stream, data):
                    key = key_of(item, order.source.key.names)
                    yield key, line_of(key, **{told: digest_of(item)})
                return
            [window] = (each for each in round_.windows if each.name == export)
            for change in changes_in(stream, data):
                yield change.key, named(change.key, window.from_, change.old)

    def _wanted(self, order: DrillOrder) -> frozenset[str] | None:
        """The sample's keys; None where all that is exported is wanted."""
        if order.kind is Kind.SMALL or order.request.sample == "all":
            return None
        names = order.source.key.names
        sample = documents(self.objects, places.read(order.drill_id, 0, 0, "sample"))
        return frozenset(key_text(line["key"], names) for line in sample)
