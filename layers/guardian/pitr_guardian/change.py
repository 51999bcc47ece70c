"""What a CloudTrail event says: which tables to look at, and who did what to them.

The event is a hint. It comes late, twice, out of order and with fields missing; what to do is
decided by looking at the table itself.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from pitr_guardian.actor import Actor, actor_from
from pitr_guardian.instants import Instant
from pitr_guardian.model import StoredModel, WireModel, mapping
from pitr_guardian.table import Home, InvalidTableError, TableRef, partition_of

_REPLICATION = "UpdateTable"

# Where each call names the table it concerns. Births first: tables are born without PITR.
_BIRTHS: dict[str, tuple[str, ...]] = {
    "CreateTable": ("tableName",),
    "ImportTable": ("tableCreationParameters", "tableName"),
    "RestoreTableToPointInTime": ("targetTableName",),
    "RestoreTableFromBackup": ("targetTableName",),
    _REPLICATION: ("tableName",),
}
_TABLE_AT: dict[str, tuple[str, ...]] = _BIRTHS | {
    "UpdateContinuousBackups": ("tableName",),
    "DeleteTable": ("tableName",),
    "TagResource": ("resourceArn",),
    "UntagResource": ("resourceArn",),
}


class UnreadableEventError(ValueError):
    """The message isn't a change the guardian knows; the text says what is wrong with it."""


class Cause(StoredModel):
    """Why the guardian looks at a table: one recorded API call."""

    event_id: str
    call: str
    time: Instant
    actor: Actor | None = None
    is_birth: bool = False
    is_deletion: bool = False
    table_id: str | None = None
    """The id of the table the call was about, where CloudTrail tells it: a deleted one's."""
    disables: bool = False
    named_period: int | None = None


class Change(WireModel):
    """One recorded API call and the tables it concerns, as ARNs."""

    tables: tuple[str, ...]
    cause: Cause


class _Record(BaseModel):
    """A CloudTrail record, as far as the guardian reads it.

    Source: "CloudTrail record contents" in the AWS CloudTrail user guide.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    event_id: str = Field(alias="eventID")
    event_name: str
    event_time: Instant
    aws_region: str
    recipient_account_id: str | None = None
    user_identity: dict[str, Any] | None = None
    source_ip: str | None = Field(None, alias="sourceIPAddress")
    user_agent: str | None = None
    request_parameters: dict[str, Any] | None = None
    response_elements: dict[str, Any] | None = None
    resources: list[dict[str, Any]] | None = None
    error_code: str | None = None
    session_credential_from_console: bool | str | None = None


def change_from(detail: Mapping[str, Any], account: str) -> Change | None:
    """Read the record in an event's ``detail``.

    Args:
        detail: the CloudTrail record.
        account: the event's account, for records that name none.

    Returns:
        the change; None where the call was refused, so that nothing happened.

    Raises:
        UnreadableEventError: it doesn't say which table it is about.
        pydantic.ValidationError: it isn't a CloudTrail record.
    """
    record = _Record.model_validate(detail)
    if record.error_code is not None:
        return None
    home = Home(
        partition_of(record.aws_region), record.recipient_account_id or account, record.aws_region
    )
    parameters = record.request_parameters or {}
    try:
        tables = _tables(record, parameters, home)
    except InvalidTableError as problem:
        raise UnreadableEventError(f"{record.event_name}: {problem}") from problem
    specification = mapping(parameters.get("pointInTimeRecoverySpecification"))
    named = specification.get("recoveryPeriodInDays")
    elements = record.response_elements or {}
    return Change(
        tables=tuple(table.arn for table in tables),
        cause=Cause(
            event_id=record.event_id,
            call=record.event_name,
            time=record.event_time,
            actor=actor_from(
                record.user_identity,
                record.source_ip,
                record.user_agent,
                from_console=record.session_credential_from_console in (True, "true"),
            ),
            is_birth=record.event_name in _BIRTHS,
            is_deletion=record.event_name == "DeleteTable",
            table_id=_text(mapping(elements.get("tableDescription")).get("tableId")),
            disables=specification.get("pointInTimeRecoveryEnabled") is False,
            named_period=named if type(named) is int else None,
        ),
    )


def _tables(record: _Record, parameters: Mapping[str, Any], home: Home) -> list[TableRef]:
    if record.event_name == _REPLICATION:
        return _replicas(record, parameters, home)
    if record.event_name not in _TABLE_AT:
        raise UnreadableEventError(f"{record.event_name} is not a call the guardian watches")
    return [_named(record, _TABLE_AT[record.event_name], parameters, home)]


def _replicas(record: _Record, parameters: Mapping[str, Any], home: Home) -> list[TableRef]:
    table = _named(record, ("tableName",), parameters, home)
    updates = parameters.get("replicaUpdates")
    regions = [
        mapping(mapping(update).get("create")).get("regionName")
        for update in (updates if isinstance(updates, list) else [])
    ]
    return [table.replica_in(region) for region in regions if isinstance(region, str)]


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
    description = mapping((record.response_elements or {}).get("tableDescription"))
    arn = description.get("tableArn")
    resources = [mapping(entry).get("ARN") for entry in record.resources or []]
    if arn is None and len(resources) == 1:  # a restore lists source and target: ambiguous
        arn = resources[0]
    if isinstance(arn, str):
        return TableRef.from_arn(arn)
    raise UnreadableEventError(f"{record.event_name} {record.event_id} names no table")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
