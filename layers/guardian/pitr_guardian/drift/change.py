"""What a CloudTrail event says: which tables to look at, and who did what to them.

The event is a hint. It comes late, twice, out of order and with fields missing; what to do is
decided by looking at the table itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import (
    StoredModel,
    WireModel,
    mapping,
)
from pitr_guardian.drift.trail_time import instant_of
from pitr_guardian.facts.actor import (
    Actor,
    actor_from,
)
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    MIN_PERIOD,
)
from pitr_guardian.tables.reference import (
    Home,
    InvalidTableError,
    TableRef,
)

_REPLICATION = "UpdateTable"
_SWITCH = "UpdateContinuousBackups"
_DELETION = "DeleteTable"
_DISASSOCIATION = "disassociate"

# Where each call names the table it concerns. Births first: tables are born without PITR.
_BIRTHS: dict[str, tuple[str, ...]] = {
    "CreateTable": ("tableName",),
    "ImportTable": ("tableCreationParameters", "tableName"),
    "RestoreTableToPointInTime": ("targetTableName",),
    "RestoreTableFromBackup": ("targetTableName",),
    # AWS Backup's own call, for backups that it manages in full (service authorization reference).
    "RestoreTableFromAwsBackup": ("targetTableName",),
    _REPLICATION: ("tableName",),
}
_TABLE_AT: dict[str, tuple[str, ...]] = _BIRTHS | {
    _SWITCH: ("tableName",),
    _DELETION: ("tableName",),
    "TagResource": ("resourceArn",),
    "UntagResource": ("resourceArn",),
}
_ENDS = (_DELETION, _REPLICATION)  # of a table, or of a replica

_TABLE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class UnreadableEventError(ValueError):
    """The message isn't a change the guardian knows; the text says what is wrong with it."""


class Cause(StoredModel):
    """Why the guardian looks at a table: one recorded API call."""

    event_id: Annotated[str, Field(max_length=100)]
    call: Annotated[str, Field(max_length=100)]
    time: Instant
    actor: Actor | None = None
    is_birth: bool = False
    is_deletion: bool = False
    table_id: str | None = None
    """The id of the table the call was about, where CloudTrail tells it: a deleted one's."""
    born_at: Instant | None = None
    """When the table was born that the call was about, where CloudTrail tells it."""
    replica_of: str | None = None
    """The ARN of the table that the call was made on, where that removed a replica of it."""
    disables: bool = False
    named_period: int | None = None


class Change(WireModel):
    """One recorded API call and the tables it concerns, as ARNs.

    ``removed`` are replicas that are gone by a call that may have made others.
    """

    tables: tuple[str, ...]
    cause: Cause
    removed: tuple[str, ...] = ()
    removed_from: str | None = None

    def by_table(self) -> Iterator[tuple[str, Cause]]:
        """Tell each table, and what the call was to it."""
        for table in self.tables:
            yield table, self.cause
        # What the answer tells is of the table that the call names, not of the replica.
        removal = {"is_birth": False, "is_deletion": True, "table_id": None, "born_at": None}
        for table in self.removed:
            yield table, self.cause.model_copy(update=removal | {"replica_of": self.removed_from})


class _Record(BaseModel):
    """A CloudTrail record, as far as the guardian reads it.

    Source: "CloudTrail record contents" in the AWS CloudTrail user guide. Only what is needed to
    know what happened must be as it should: nobody escapes by a strange user agent.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    event_id: Annotated[str, Field(alias="eventID", min_length=1, max_length=100)]
    event_source: Literal["dynamodb.amazonaws.com"]
    event_name: str
    event_time: Instant
    aws_region: str
    recipient_account_id: Any = None
    user_identity: Any = None
    source_ip: Any = Field(None, alias="sourceIPAddress")
    user_agent: Any = None
    request_parameters: Any = None
    response_elements: Any = None
    resources: Any = None
    error_code: Any = None
    session_credential_from_console: Any = None


def change_from(detail: Mapping[str, Any], account: str, partition: str) -> Change | None:
    """Read the record in an event's ``detail``.

    Args:
        detail: the CloudTrail record.
        account: the event's account, for records that name none.
        partition: the stack's, which that of every table is whose events it gets; CloudTrail names
            the region only.

    Returns:
        the change; None where the call was refused, so that nothing happened.

    Raises:
        UnreadableEventError: it doesn't say which table it is about.
        pydantic.ValidationError: it isn't a CloudTrail record.
    """
    record = _Record.model_validate(detail)
    if _text(record.error_code):
        return None
    recipient = _text(record.recipient_account_id) or account
    home = Home(partition, recipient, record.aws_region)
    parameters = mapping(record.request_parameters)
    try:
        tables = _tables(record, parameters, home)
        removed_from, removed = _removed(record, parameters, home)
    except InvalidTableError as problem:
        raise UnreadableEventError(f"{record.event_name}: {problem}") from problem
    specification = mapping(parameters.get("pointInTimeRecoverySpecification"))
    named = specification.get("recoveryPeriodInDays")
    description = _description(record)
    return Change(
        tables=tuple(table.arn for table in tables),
        removed=tuple(table.arn for table in removed),
        removed_from=removed_from.arn if removed_from else None,
        cause=Cause(
            event_id=record.event_id,
            call=record.event_name,
            time=record.event_time,
            actor=actor_from(
                record.user_identity,
                record.source_ip,
                record.user_agent,
                from_console=record.session_credential_from_console in (True, "true"),
                event_id=record.event_id,
            ),
            is_birth=record.event_name in _BIRTHS and not _disassociates(parameters),
            is_deletion=record.event_name == _DELETION,
            table_id=_table_id(description.get("tableId")),
            born_at=instant_of(description.get("creationDateTime")),
            disables=specification.get("pointInTimeRecoveryEnabled") is False,
            named_period=_period(named),
        ),
    )


def could_be_recorded(cause: Cause) -> bool:
    """Tell whether ``change_from`` could have read this cause from any record.

    What comes back from the queue was written by the guardian; what wasn't shows by this.
    """
    is_switch = cause.call == _SWITCH
    return (
        cause.call in _TABLE_AT
        and (cause.call in _BIRTHS or not cause.is_birth)
        and (cause.call in _ENDS or not cause.is_deletion)
        and (cause.call == _REPLICATION or cause.replica_of is None)
        and (is_switch or not (cause.disables or cause.named_period is not None))
        and cause.named_period in (None, _period(cause.named_period))
        and cause.table_id in (None, _table_id(cause.table_id))
    )


def _tables(record: _Record, parameters: Mapping[str, Any], home: Home) -> list[TableRef]:
    if record.event_name == _REPLICATION:
        return _replicas(record, parameters, home, "create", _DISASSOCIATION)
    if record.event_name not in _TABLE_AT:
        call = legible(record.event_name, 100)
        raise UnreadableEventError(f"{call} is not a call the guardian watches")
    return [_named(record, _TABLE_AT[record.event_name], parameters, home)]


def _replicas(
    record: _Record, parameters: Mapping[str, Any], home: Home, *actions: str
) -> list[TableRef]:
    """Find the replicas to which a call does one of these."""
    table = _named(record, ("tableName",), parameters, home)
    updates = parameters.get("replicaUpdates")
    # A replica that is disassociated stays, as a table of its own (API reference,
    # DisassociateReplicationGroupMemberAction); its settings may have been the global table's.
    regions = [
        mapping(mapping(each).get(action)).get("regionName")
        for each in _listed(updates)
        for action in actions
    ]
    return [table.replica_in(region) for region in regions if isinstance(region, str)]


def _disassociates(parameters: Mapping[str, Any]) -> bool:
    """Tell whether a replica is made a table of its own; such a call does nothing else."""
    updates = parameters.get("replicaUpdates")
    return any(_DISASSOCIATION in mapping(update) for update in _listed(updates))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _removed(
    record: _Record, parameters: Mapping[str, Any], home: Home
) -> tuple[TableRef | None, list[TableRef]]:
    """Find the table that a call took replicas of, and these."""
    if record.event_name != _REPLICATION:
        return None, []
    removed = _replicas(record, parameters, home, "delete")
    return (_named(record, ("tableName",), parameters, home) if removed else None), removed


def _named(
    record: _Record, path: tuple[str, ...], parameters: Mapping[str, Any], home: Home
) -> TableRef:
    value: Any = parameters
    for key in path:
        value = mapping(value).get(key)
    if isinstance(value, str):
        return TableRef.parse(value, home)
    return _from_the_answer(record)


def _from_the_answer(record: _Record) -> TableRef:
    """Find the table where the request has no parameters: in the answer, or the resources."""
    arn = _description(record).get("tableArn")
    listed = record.resources if isinstance(record.resources, list) else []
    resources = [mapping(entry).get("ARN") for entry in listed]
    if arn is None and len(resources) == 1:  # a restore lists source and target: ambiguous
        arn = resources[0]
    if isinstance(arn, str):
        return TableRef.from_arn(arn)
    raise UnreadableEventError(f"{record.event_name} {record.event_id} names no table")


def _description(record: _Record) -> Mapping[str, Any]:
    return mapping(mapping(record.response_elements).get("tableDescription"))


def _table_id(value: object) -> str | None:
    return value if isinstance(value, str) and _TABLE_ID.fullmatch(value) else None


def _period(value: object) -> int | None:
    return value if type(value) is int and MIN_PERIOD <= value <= MAX_PERIOD else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
