"""The ways that an undo and a drill go: whose calls may go wrong on them, and how."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.chaos.faults import KILLS, ROLES_OF_RESTORES, Fault, Kind

ACCEPT_UNDO, APPROVE_UNDO, FAIL_UNDO = "-AcceptUndoRole-", "-ApproveUndoRole-", "-FailUndoRole-"
GREET, EXPORT, LOOK = "-GreetUndoRole-", "-StartExportsRole-", "-CheckExportsRole-"
SHARD, PLAN, ASSEMBLE = "-ShardChangesRole-", "-PlanShardRole-", "-AssemblePlanRole-"
APPLY, VERIFY, FINISH = "-ApplyPartRole-", "-VerifyPartRole-", "-FinishUndoRole-"
ABANDONED_UNDO = "-AbandonedUndoRole-"

ACCEPT_DRILL, DUE, FAIL_DRILL = "-AcceptDrillRole-", "-DueDrillsRole-", "-FailDrillRole-"
GREET_DRILL, EXPORT_FOR_DRILL = "-GreetDrillRole-", "-StartDrillExportsRole-"
LOOK_FOR_DRILL, SAMPLE, READ = "-CheckDrillExportsRole-", "-SampleItemsRole-", "-ReadItemsRole-"
COPY, CHECK_COPY, REMOVE_COPY = "-RestoreCopyRole-", "-CheckCopyRole-", "-RemoveCopyRole-"
SEARCH, COMPARE, SETTLE = "-SearchHistoryRole-", "-CompareItemsRole-", "-SettleItemsRole-"
STRUCTURES, CONCLUDE = "-CompareStructuresRole-", "-ConcludeDrillRole-"
ABANDONED_DRILL = "-AbandonedDrillRole-"


@dataclass(frozen=True)
class Way:
    """Every call by the role that makes it, and the roles that are hit more often."""

    calls: dict[str, tuple[str, ...]]
    often: tuple[str, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        return (*self.calls, *self.often)


OF_UNDOS = Way(
    {
        ACCEPT_UNDO: (
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "states:StartExecution",
            "events:PutEvents",
        ),
        APPROVE_UNDO: (
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "states:StartExecution",
            "events:PutEvents",
        ),
        GREET: ("dynamodb:GetItem", "events:PutEvents"),
        EXPORT: ("dynamodb:DescribeContinuousBackups", "dynamodb:ExportTableToPointInTime"),
        LOOK: ("dynamodb:DescribeExport", "s3:GetObject", "s3:PutObject"),
        SHARD: ("s3:GetObject", "s3:PutObject"),
        PLAN: ("dynamodb:BatchGetItem", "s3:GetObject", "s3:PutObject"),
        ASSEMBLE: (
            "s3:PutObject",
            "dynamodb:UpdateItem",
            "events:PutEvents",
            "dynamodb:DeleteItem",
        ),
        APPLY: (
            "dynamodb:BatchGetItem",
            "dynamodb:PutItem",
            *("dynamodb:UpdateItem",) * 2,
            "dynamodb:DeleteItem",
            "s3:PutObject",
        ),
        VERIFY: ("dynamodb:BatchGetItem", "s3:PutObject"),
        FINISH: (
            "s3:GetObject",
            "dynamodb:UpdateItem",
            "events:PutEvents",
            "dynamodb:DeleteItem",
        ),
        FAIL_UNDO: ("dynamodb:UpdateItem", "events:PutEvents"),
    },
    often=(*(APPLY,) * 3, FINISH),
)
OF_DRILLS = Way(
    {
        ACCEPT_DRILL: (
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:TransactWriteItems",
            "states:StartExecution",
            "events:PutEvents",
        ),
        DUE: ("dynamodb:Query", "dynamodb:TransactWriteItems", "states:StartExecution"),
        GREET_DRILL: ("dynamodb:GetItem", "events:PutEvents"),
        EXPORT_FOR_DRILL: (
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:ExportTableToPointInTime",
        ),
        LOOK_FOR_DRILL: ("dynamodb:DescribeExport", "s3:GetObject", "s3:PutObject"),
        COPY: (
            "dynamodb:DescribeTable",
            "dynamodb:UpdateItem",
            *("dynamodb:RestoreTableToPointInTime",) * 2,
        ),
        CHECK_COPY: ("dynamodb:DescribeTable", "dynamodb:UpdateItem"),
        SAMPLE: ("dynamodb:Scan", "dynamodb:BatchGetItem", "s3:PutObject"),
        READ: ("dynamodb:Scan", "dynamodb:BatchGetItem", "s3:PutObject"),
        SEARCH: ("s3:GetObject", "s3:PutObject"),
        COMPARE: ("s3:GetObject", "s3:PutObject"),
        SETTLE: ("s3:GetObject", "s3:PutObject", "dynamodb:UpdateItem"),
        STRUCTURES: ("dynamodb:DescribeTable", "s3:PutObject"),
        REMOVE_COPY: (
            "dynamodb:DescribeTable",
            "dynamodb:DeleteTable",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        ),
        CONCLUDE: (
            "s3:PutObject",
            *("dynamodb:TransactWriteItems",) * 2,
            "dynamodb:UpdateItem",
            "events:PutEvents",
            "dynamodb:DeleteItem",
        ),
        FAIL_DRILL: ("dynamodb:TransactWriteItems", "events:PutEvents"),
        ABANDONED_DRILL: ("dynamodb:TransactWriteItems", "events:PutEvents", "dynamodb:Query"),
    },
    often=(*(CONCLUDE,) * 4, *(COPY,) * 2, *(REMOVE_COPY,) * 2, ACCEPT_DRILL),
)
ROLES = (*ROLES_OF_RESTORES, *OF_UNDOS.calls, *OF_DRILLS.calls, ABANDONED_UNDO)
"""All that a fault or an invariant names."""
_KINDS = (
    *(Kind.KILLED_BEFORE, Kind.KILLED_AFTER) * 3,
    *(Kind.ANSWER_LOST,) * 3,
    *(Kind.THROTTLED, Kind.SERVER_ERROR, Kind.DELAYED, Kind.REFUSED),
    Kind.EXPORT_FAILED,
)
_EXPORT_FAILURES = ("S3NoSuchBucket", "AccessDenied", "missing", "truncated", "corrupt", "short")


def some_fault_on(way: Way, chance: Random, number: int) -> Fault:
    """A fault on a way."""
    kind = chance.choice(_KINDS)
    if kind is Kind.EXPORT_FAILED:
        return Fault(number, kind, operation=chance.choice(_EXPORT_FAILURES))
    role = chance.choice(way.roles)
    if kind in KILLS and chance.random() < 0.7:
        return Fault(number, kind, caller=role, spares=chance.choice((0, 1, 1, 2, 2, 3, 4, 6, 9)))
    service, operation = chance.choice(way.calls[role]).split(":")
    times = chance.choice((1, 1, 2, 4))
    seconds = round(chance.uniform(0.1, 0.8), 1) if kind is Kind.DELAYED else 0.0
    return Fault(number, kind, service, operation, role, times, seconds)
