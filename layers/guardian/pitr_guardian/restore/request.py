"""What a restore request may say."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticCustomError

from pitr_guardian.basics.faults import (
    OWN_WORDS,
    faults_in,
)
from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.legible import well_formed
from pitr_guardian.basics.model import (
    WireModel,
    mapping,
)
from pitr_guardian.tables.reference import (
    NAME,
    Home,
    InvalidTableError,
    TableRef,
)

KEY_ARN = re.compile(
    r"arn:aws[a-z-]{0,16}:kms:(?P<region>[a-z0-9-]{1,32}):[0-9]{12}:key/[A-Za-z0-9-]{1,64}"
)
BACKUP_ARN = re.compile(
    r"(?P<table>arn:aws[a-z-]{0,16}:dynamodb:[a-z0-9-]{1,32}:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255})"
    r"/backup/[A-Za-z0-9_.-]{1,100}"
)
"""The ARN of a backup that DynamoDB stores: on demand, of a deleted table, or AWS Backup's."""
_RECOVERY_POINT = re.compile(r"arn:aws[a-z-]{0,16}:backup:")
_REGION = "^[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$"
_MOST_INDEXES = 100  # several times what a table can have
_BackupArn = Annotated[str, StringConstraints(pattern=f"^{BACKUP_ARN.pattern}$")]
_Name = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]

# What to write in a field, told to whoever wrote something else.
_REMEDIES = {
    "sourceTable": "give the name or the ARN of the table to restore from",
    "targetTable": "give the name of the new table, 3 to 255 of A-Z a-z 0-9 _ . -",
    "restoreTo": "give `latest`, `deletion`, the ARN of a DynamoDB backup, or an ISO 8601 instant "
    "with offset such as 2026-11-22T10:15:00Z",
    "targetRegion": "give a region such as eu-central-1, or leave it out",
    "indexes": f"give `all`, `none`, or the list of the indexes to keep, at most {_MOST_INDEXES}",
    "encryption": 'give {"type": "AWS_OWNED"}, {"type": "AWS_MANAGED"} or {"type": '
    '"CUSTOMER_MANAGED", "kmsKeyArn": "arn:aws:kms:..."}',
    "billing": 'give {"mode": "PAY_PER_REQUEST"} or {"mode": "PROVISIONED", '
    '"readCapacityUnits": 5, "writeCapacityUnits": 5}',
    "settings": "give `all`, `none`, or a list of {settings}, each at most once",
    "requestId": "give 1 to 64 of A-Z a-z 0-9 _ -, or leave it out",
    "requestedBy": "give a text of at most 1000 characters, or leave it out",
    "reason": "give a text of at most 1000 characters, or leave it out",
    "dryRun": "give true or false",
}


class Setting(StrEnum):
    """What a restore leaves behind and the guardian puts back, in the order in which it does.

    PITR comes first, always. The changes that go through ``UpdateTable`` stand apart, as the table
    takes one at a time. A resource policy comes last: what it denies may be the guardian.
    """

    PITR = "pitr"
    TAGS = "tags"
    LINEAGE = "lineage"
    """Tags that tell where the table comes from; not a setting of the source's, and always put.

    After the source's own: a table takes 50 tags, and where there is no room these give way.
    """
    TABLE_CLASS = "tableClass"
    TTL = "ttl"
    STREAM = "stream"
    KINESIS = "kinesis"
    AUTOSCALING = "autoscaling"
    ALARMS = "alarms"
    CONTRIBUTOR_INSIGHTS = "contributorInsights"
    DELETION_PROTECTION = "deletionProtection"
    RESOURCE_POLICY = "resourcePolicy"


OPTIONAL = frozenset(Setting) - {Setting.PITR, Setting.LINEAGE}
"""The settings a request may leave out."""

LINEAGE_TAGS = (
    "pitr-guardian:restored-from",
    "pitr-guardian:restored-to",
    "pitr-guardian:request-id",
)
"""The tags of ``Setting.LINEAGE``."""

_REMEDIES["settings"] = _REMEDIES["settings"].format(settings=" ".join(sorted(OPTIONAL)))


_LONGEST = 1000
"""Characters of a malformed field that a fact repeats; facts and alerts have limits of 256 KiB."""


class InvalidRequestError(ValueError):
    """A request can't be understood; the text names each field at fault and the remedy."""


class Encryption(WireModel):
    """The key to encrypt the new table with."""

    type: Literal["AWS_OWNED", "AWS_MANAGED", "CUSTOMER_MANAGED"]
    kms_key_arn: Annotated[str, StringConstraints(pattern=f"^{KEY_ARN.pattern}$")] | None = None

    def is_complete(self) -> bool:
        """Tell whether a key is named where it must be, and only there."""
        return (self.kms_key_arn is not None) == (self.type == "CUSTOMER_MANAGED")


_MOST_UNITS = 10**9  # more than any account's limit, less than what JSON readers round


class Billing(WireModel):
    """The new table's billing mode; throughput, in capacity units, where it is provisioned."""

    mode: Literal["PAY_PER_REQUEST", "PROVISIONED"]
    read_capacity_units: Annotated[int, Field(ge=1, le=_MOST_UNITS, strict=True)] | None = None
    write_capacity_units: Annotated[int, Field(ge=1, le=_MOST_UNITS, strict=True)] | None = None

    def is_complete(self) -> bool:
        """Tell whether throughput is named where it must be, and only there."""
        named = (self.read_capacity_units is not None, self.write_capacity_units is not None)
        return named == ((True, True) if self.mode == "PROVISIONED" else (False, False))


# AWS Backup developer guide, "Restore a DynamoDB table"; DynamoDB's own restore takes no such ARN.
_OF_AWS_BACKUP = (
    "this is a recovery point in a vault of AWS Backup, which alone can restore it: call AWS "
    "Backup's StartRestoreJob with it"
)


def _instant_or_backup(value: object) -> object:
    if value in ("latest", "deletion") or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - pydantic takes no TypeError
    if _RECOVERY_POINT.match(value):
        raise PydanticCustomError(OWN_WORDS, _OF_AWS_BACKUP)
    return value if value.startswith("arn:") else datetime.fromisoformat(value)


def _to_the_second(instant: object) -> object:
    # DynamoDB restores to a second: what is finer would make AWS's lineage differ from the request.
    # In UTC, that is: an offset may have fractions of a second, too.
    return instant.replace(microsecond=0) if isinstance(instant, datetime) else instant


def _complete[Part: (Encryption, Billing)](part: Part | None) -> Part | None:
    if part is not None and not part.is_complete():
        raise ValueError("incomplete, or more than goes together")
    return part


class RestoreRequest(WireModel):
    """A request, complete and well-formed."""

    source_table: str
    target_table: _Name
    restore_to: Annotated[
        Literal["latest", "deletion"] | _BackupArn | Instant,
        BeforeValidator(_instant_or_backup),
        AfterValidator(_to_the_second),
    ] = "latest"
    target_region: Annotated[str, StringConstraints(pattern=_REGION)] | None = None
    indexes: (
        Literal["all", "none"] | Annotated[tuple[_Name, ...], Field(max_length=_MOST_INDEXES)]
    ) = "all"
    encryption: Encryption | None = None
    billing: Billing | None = None
    settings: Literal["all", "none"] | tuple[Setting, ...] = "all"
    request_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    requested_by: Annotated[str | None, Field(max_length=1000)] = None
    reason: Annotated[str | None, Field(max_length=1000)] = None
    dry_run: Annotated[bool, Field(strict=True)] = False

    _encryption_is_complete = field_validator("encryption")(_complete)
    _billing_is_complete = field_validator("billing")(_complete)

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, value: object) -> object:
        if isinstance(value, tuple) and not OPTIONAL.issuperset(value):
            raise ValueError("PITR is always put back")
        if isinstance(value, tuple) and len(value) > len(OPTIONAL):
            raise ValueError("some are repeated")
        return value

    @property
    def instant(self) -> datetime | None:
        """The instant to restore to; None for the latest, or for that of a backup."""
        return self.restore_to if isinstance(self.restore_to, datetime) else None

    @property
    def is_of_a_deleted_table(self) -> bool:
        """Whether the backup is asked for that AWS kept when the table was deleted."""
        return self.restore_to == "deletion"

    @property
    def backup_arn(self) -> str | None:
        """The backup that is asked for by its ARN; None where none is."""
        asked = self.restore_to
        return asked if isinstance(asked, str) and asked.startswith("arn:") else None

    @property
    def is_of_a_backup(self) -> bool:
        """Whether a backup is asked for, and no instant of the table's window."""
        return self.is_of_a_deleted_table or self.backup_arn is not None

    def source(self, home: Home) -> TableRef:
        """The table to restore from."""
        return TableRef.parse(self.source_table, home)

    def target(self, home: Home) -> TableRef:
        """The table to restore to."""
        source = self.source(home)
        region = self.target_region or source.region
        return TableRef(source.partition, source.account, region, self.target_table)

    def asks_for(self, setting: Setting) -> bool:
        """Tell whether a setting is to be put back."""
        if setting not in OPTIONAL or self.settings == "all":
            return True
        return self.settings != "none" and setting in self.settings

    def content(self) -> dict[str, Any]:
        """The request in one canonical writing, by which two requests are told to be the same."""
        return self.model_dump(by_alias=True, mode="json")


def request_from(
    detail: object, event_id: str, home: Home, *, members: bool = False
) -> RestoreRequest:
    """Read a request.

    Args:
        detail: the event's detail.
        event_id: the event's id, which is the request's where it names none.
        home: where a bare table name is looked for.
        members: whether tables of other accounts may be named, by their ARNs.

    Raises:
        InvalidRequestError: it is malformed.
    """
    if not isinstance(detail, Mapping):
        raise InvalidRequestError(
            "detail: this is no JSON object; give the request's fields in one"
        )
    fields = {well_formed(name): value for name, value in detail.items()}
    try:
        request = RestoreRequest.model_validate({"requestId": event_id, **fields}, by_name=False)
        source = request.source(home)
    except ValidationError as problem:
        raise InvalidRequestError(faults_in(problem, _REMEDIES)) from problem
    except InvalidTableError as problem:
        remedy = _REMEDIES["sourceTable"]
        raise InvalidRequestError(f"sourceTable: {problem}; {remedy}") from problem
    if source.partition != home.partition or (source.account != home.account and not members):
        raise InvalidRequestError(
            f"sourceTable: {source.arn} is not in this account ({home.account}, {home.partition}); "
            "AWS restores within an account only: send the request to that account's guardian"
        )
    if request.backup_arn is not None:
        _check_owner(request.backup_arn, source)
    return request


def _check_owner(backup_arn: str, source: TableRef) -> None:
    match = BACKUP_ARN.fullmatch(backup_arn)
    of = match["table"] if match else backup_arn
    if of != source.arn:
        raise InvalidRequestError(
            f"restoreTo: the backup {backup_arn} is not of {source.arn}; give its own table as "
            f"sourceTable, {of}, or another backup"
        )


def told_of(request: object, event_id: str) -> dict[str, Any]:
    """What a fact can tell of a request that may be malformed: its fields that are texts."""
    detail = mapping(request)
    fields = ("sourceTable", "targetTable", "restoreTo", "requestedBy", "reason", "requestId")
    told: dict[str, Any] = dict.fromkeys(fields)
    told |= {
        key: well_formed(detail[key], _LONGEST)
        for key in fields
        if isinstance(detail.get(key), str)
    }
    told["requestId"] = told["requestId"] or event_id
    if "restoreTo" not in detail:
        told["restoreTo"] = "latest"
    return told
