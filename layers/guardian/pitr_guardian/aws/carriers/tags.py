"""Tags."""

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.tables.tables import (
    ClientFor,
    DynamoTables,
    tags_of,
)
from pitr_guardian.restore.ports import Kept
from pitr_guardian.restore.request import (
    LINEAGE_TAGS,
    Setting,
)
from pitr_guardian.tables.reference import TableRef


class TagsCarrier:
    """Carries the tags, but AWS's own and those of an earlier restore."""

    setting = Setting.TAGS

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        with later_if_passing():
            found = tags_of(self._client_for(source), source)
        tags = {
            key: value
            for key, value in found.items()
            if not key.startswith("aws:") and key not in LINEAGE_TAGS
        }
        return {"tags": tags} if tags else None

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        DynamoTables(self._client_for).tag(target, kept["tags"])
        return None
