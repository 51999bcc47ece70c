"""A table as an undo needs to know it: its key, its TTL, and who will see what is written."""

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.tables.keys import Key


class Audience(StoredModel):
    """Who will see what is written to a table, besides its readers."""

    replicas: tuple[str, ...] = ()
    """Regions (or ARNs in other accounts) of its other replicas."""
    stream: str | None = None
    """The ARN of its enabled stream."""
    triggers: tuple[str, ...] = ()
    """ARNs of Lambda functions that are mapped to the stream."""
    kinesis: tuple[str, ...] = ()
    """ARNs of Kinesis streams that get its changes (``DestinationStatus`` ACTIVE)."""


class Shape(StoredModel):
    """A table as ``DescribeTable``, ``DescribeTimeToLive`` and the rest show it."""

    table_id: str
    key: Key
    ttl_attribute: str | None = None
    """None where TTL isn't ENABLED."""
    audience: Audience = Audience()
    strongly_consistent: bool = False
    """Whether it is a global table with ``MultiRegionConsistency`` STRONG."""
