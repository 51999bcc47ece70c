"""What goes through UpdateTable: table class and deletion protection. One change at a time."""

from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.restore.ports import Kept
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_STANDARD = "STANDARD"


@needs("dynamodb:DescribeTable", on="table")
def described(client_for: ClientFor, table: TableRef) -> "TableDescriptionTypeDef":
    """Describe a table that exists."""
    with later_if_passing():
        return client_for(table).describe_table(TableName=table.arn)["Table"]


@needs("dynamodb:UpdateTable", on="table")
def update(client_for: ClientFor, table: TableRef, **change: Any) -> "TableDescriptionTypeDef":
    """Make one change to a table.

    Raises:
        TryLaterError: another change is under way.
    """
    with later_if_passing("ResourceInUseException"):
        answer = client_for(table).update_table(TableName=table.arn, **change)
    return answer["TableDescription"]


def wait_your_turn(table: "TableDescriptionTypeDef") -> None:
    """Refuse to go on while another change to the table is under way.

    Raises:
        TryLaterError: it is.
    """
    if table.get("TableStatus") == "UPDATING":
        raise TryLaterError(f"the table {table.get('TableName')} is UPDATING")


class ClassCarrier:
    """Carries the table class."""

    setting = Setting.TABLE_CLASS

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``. The standard class is what a restored table has anyway."""
        found = _class_of(described(self._client_for, source))
        return None if found == _STANDARD else {"tableClass": found}

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        table = described(self._client_for, target)
        if _class_of(table) != kept["tableClass"]:
            wait_your_turn(table)
            update(self._client_for, target, TableClass=kept["tableClass"])
        return None


class DeletionProtectionCarrier:
    """Carries deletion protection."""

    setting = Setting.DELETION_PROTECTION

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB."""
        self._client_for = client_for

    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        protected = described(self._client_for, source).get("DeletionProtectionEnabled", False)
        return {"enabled": True} if protected else None

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``."""
        table = described(self._client_for, target)
        if not table.get("DeletionProtectionEnabled", False):
            wait_your_turn(table)
            update(self._client_for, target, DeletionProtectionEnabled=True)
        return None


def _class_of(table: "TableDescriptionTypeDef") -> str:
    return table.get("TableClassSummary", {}).get("TableClass", _STANDARD)
