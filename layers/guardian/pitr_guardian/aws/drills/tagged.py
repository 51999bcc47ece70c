"""The tables that have a tag, in all regions that are swept."""

from collections.abc import Mapping, Sequence

from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.tables.reference import Home, TableRef


class DynamoTaggedTables:
    """``drills.ports.TaggedTables`` on the Resource Groups Tagging API."""

    def __init__(self, catalogue: DynamoCatalogue, homes: Sequence[Home]) -> None:
        """Take the catalogue of sweeps, and where to look."""
        self._catalogue = catalogue
        self._homes = homes

    def tagged(self, key: str) -> Mapping[TableRef, str]:
        """See ``drills.ports.TaggedTables``."""
        return {
            table: tags[key]
            for home in self._homes
            for table, tags in self._catalogue.tags(home, (key,)).items()
            if key in tags
        }
