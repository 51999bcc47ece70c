"""A table's primary key: its attributes and their types."""

from typing import Literal

from pitr_guardian.basics.model import StoredModel


class KeyAttribute(StoredModel):
    """An attribute of a table's key, and its type."""

    name: str
    type: Literal["S", "N", "B"]


class Key(StoredModel):
    """A table's primary key; ``sort`` is None where it has none."""

    partition: KeyAttribute
    sort: KeyAttribute | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the key's attributes, the partition key's first."""
        return (self.partition.name,) + ((self.sort.name,) if self.sort else ())
