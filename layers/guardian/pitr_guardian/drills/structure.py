"""What a table is made of, as a drill surveys it and compares it with its copy."""

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key


class Structure(StoredModel):
    """A table as ``DescribeTable`` shows it: which one it is, its key, and the rest of it."""

    table_id: str
    key: Key
    definition: Definition
    items: int = 0
    """``ItemCount``, which DynamoDB updates about every six hours."""
