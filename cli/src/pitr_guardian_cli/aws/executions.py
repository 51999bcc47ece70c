"""Executions of the guardian's workflows: in which state one is, and how one ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_EVENTS = 500
"""How far back one look goes. A restore has some 200 events before its settings, and then a few
for each setting; what is older than that tells nothing about now."""


@dataclass(frozen=True)
class Where:
    """Where an execution is.

    ``state`` is the last one that was entered; of a map that is under way, its own name, with how
    many of its ``items`` are ``done``. ``ended`` is how it ended: ``Succeeded``, ``Failed``,
    ``Aborted``, ``TimedOut``; None while it runs.
    """

    state: str | None
    since: datetime | None = None
    done: int = 0
    items: int | None = None
    ended: str | None = None


class Executions:
    """Step Functions, to read."""

    def __init__(self, client: SFNClient) -> None:
        self._client = client

    def where(self, execution_arn: str) -> Where | None:
        """Tell where an execution is; None where there is none, or none yet."""
        try:
            answer = self._client.get_execution_history(
                executionArn=execution_arn,
                reverseOrder=True,
                maxResults=_EVENTS,
                includeExecutionData=False,
            )
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return where_of(answer["events"])

    def names(self, machine_arn: str, since: datetime) -> Iterator[tuple[str, str]]:
        """The names of a workflow's executions since an instant, newest first, with their status.

        Step Functions keeps them for 90 days.
        """
        pages = self._client.get_paginator("list_executions").paginate(stateMachineArn=machine_arn)
        for page in pages:
            for execution in page["executions"]:
                if execution["startDate"] < since:
                    return
                yield execution["name"], execution["status"]


def where_of(events: Any) -> Where:
    """Tell where an execution is by its events, the newest first."""
    ended, done, entered = None, 0, None
    for event in events:
        kind = event["type"]
        if kind.startswith("Execution") and kind != "ExecutionStarted":
            ended = ended or kind.removeprefix("Execution")
        elif kind in ("MapIterationSucceeded", "MapIterationFailed"):
            done += 1
        elif kind == "MapStateStarted":
            # Whatever was entered since is inside of it, as long as it wasn't left.
            length = event["mapStateStartedEventDetails"].get("length")
            return Where(_map_name(events, event), event["timestamp"], done, length, ended)
        elif kind == "MapStateExited":
            return Where(_entered(events), event["timestamp"], ended=ended)
        elif kind.endswith("StateEntered"):
            entered = entered or event
    name = entered["stateEnteredEventDetails"]["name"] if entered else None
    return Where(name, entered["timestamp"] if entered else None, ended=ended)


def _map_name(events: Any, started: Any) -> str | None:
    """The name of the map that was entered right before it started."""
    for event in events:
        if event["id"] < started["id"] and event["type"] == "MapStateEntered":
            return str(event["stateEnteredEventDetails"]["name"])
    return None


def _entered(events: Any) -> str | None:
    for event in events:
        if event["type"].endswith("StateEntered"):
            return str(event["stateEnteredEventDetails"]["name"])
    return None
