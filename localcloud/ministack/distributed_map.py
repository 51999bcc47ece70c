"""Distributed Map states, in place of MiniStack's.

MiniStack's knows no JSONata, no ItemBatcher, no ResultWriter, no limits and no rights; and its
children see what those of AWS don't: their parent's variables and execution.
"""

from __future__ import annotations

import contextvars
import importlib
import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localcloud.ministack import express, map_results
from localcloud.ministack.buckets import key_of_object
from localcloud.ministack.map_fields import Fields
from localcloud.ministack.map_input import (
    Batch,
    batches,
    rights_to_read,
)
from localcloud.ministack.map_run import MapRun
from localcloud.wire import Json

_MOST_AT_ONCE = 4
"""Children that run at once, at most; AWS runs up to 10,000. Each may start a worker of a function,
which is a process here."""
_COUNTED = {"TIMED_OUT": "timedOut"}
_READ_FAILED, _WRITE_FAILED = "States.ItemReaderFailed", "States.ResultWriterFailed"

type Require = Callable[[str, str, str, Json, str], None]
"""Asks whether a role may do something: role's ARN, action, resource, condition keys, and the name
of the error that a state fails of if not."""
type Check = Callable[[Any, str], Any]
"""Returns data that a state may have; raises where they are too large."""


class DistributedMaps:
    """Runs each item, or batch of items, of a Map state as an execution of its own."""

    def __init__(self, require: Require, check: Check, role: contextvars.ContextVar[str]) -> None:
        self._machines: Any = importlib.import_module("ministack.services.stepfunctions")
        self._require = require
        self._check = check
        self._role = role
        self._split_at_newlines()
        self._replace()

    def _replace(self) -> None:
        self._machines._run_distributed_map = self._run

    def _split_at_newlines(self) -> None:
        """JSON Lines end in newlines alone; MiniStack's end in whatever Unicode ends lines with."""
        parse = self._machines._parse_reader_items

        def parse_lines(text: str, config: Json) -> Any:
            if config.get("InputType") == "JSONL":
                return [json.loads(line) for line in text.split("\n") if line.strip()]
            return parse(text, config)

        self._machines._parse_reader_items = parse_lines

    def _run(
        self, state: Json, raw: Any, effective: Any, iterator: Json, execution: Json, context: Json
    ) -> Any:
        role = self._role_of(execution)
        fields = Fields(self._machines, state, raw, effective, context)
        machine = str(execution["stateMachineArn"])
        self._require(role, "states:StartExecution", machine, {}, "States.Runtime")
        if express.is_express(iterator) and (complaint := express.complaint_about(iterator)):
            raise self._machines._ExecutionError("States.Runtime", complaint)
        items = self._items(fields, role)
        inputs = batches(fields, [fields.selected(n, each) for n, each in enumerate(items)])
        run = MapRun.begun(fields, execution, inputs, self._machines.now_iso())
        self._machines._map_runs[run.arn] = run.told
        self._run_children(run, iterator, role, fields, inputs)
        run.told["stopDate"] = self._machines.now_iso()
        run.told["status"] = "FAILED" if run.is_over_threshold() else "SUCCEEDED"
        if run.is_over_threshold():
            raise self._machines._ExecutionError(
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
        result = self._check(self._result(fields, run, role), "the result")
        return fields.output(result), self._machines._next_or_end(state)

    def _role_of(self, execution: Json) -> str:
        machine = self._machines._state_machines.get(execution["stateMachineArn"]) or {}
        return str(machine.get("roleArn") or self._role.get())

    def _items(self, fields: Fields, role: str) -> list[Any]:
        reader = fields.state.get("ItemReader")
        if not reader:
            return fields.items()
        arguments = fields.evaluated(reader.get("Arguments") or reader.get("Parameters") or {})
        config = fields.evaluated(reader.get("ReaderConfig") or {})
        for action, resource, conditions in rights_to_read(reader, arguments, config):
            self._require(role, action, resource, conditions, _READ_FAILED)
        bucket, key = str(arguments.get("Bucket")), str(arguments.get("Key", ""))
        if ":key/" in (encrypting := key_of_object(bucket, key)):
            via = {"kms:viaservice": f"s3.{encrypting.split(':')[3]}.amazonaws.com"}
            self._require(role, "kms:Decrypt", encrypting, via, _READ_FAILED)
        try:
            items = self._machines._read_map_items(
                {**reader, "Parameters": arguments, "ReaderConfig": config}, fields.effective, {}
            )
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise self._machines._ExecutionError(
                _READ_FAILED, f"the dataset can't be read: {error}"
            ) from error
        if not isinstance(items, list):
            raise self._machines._ExecutionError(
                _READ_FAILED, "Attempting to map over non-iterable node."
            )
        return items

    def _run_children(
        self, run: MapRun, iterator: Json, role: str, fields: Fields, inputs: list[Batch]
    ) -> None:
        def run_child(number: int, batch: Batch) -> None:
            self._role.set(role)
            if run.is_over_threshold():
                run.count(batch, "pending", "aborted")
                return
            run.count(batch, "pending", "running")
            child = self._child(run, batch)
            if express.is_express(iterator):
                child = self._machines._executions[child["executionArn"]] = express.marked(child)
            run.children[number] = child
            run.count(batch, "running", self._run_child(child, iterator, batch, fields.context))

        workers = min(run.told["maxConcurrency"] or _MOST_AT_ONCE, _MOST_AT_ONCE)
        with ThreadPoolExecutor(max_workers=workers) as pool:
            running = [
                pool.submit(contextvars.copy_context().run, run_child, number, batch)
                for number, batch in enumerate(inputs)
            ]
            for each in running:
                each.result()

    def _child(self, run: MapRun, batch: Batch) -> Json:
        name = str(uuid.uuid4())
        child: Json = {
            "executionArn": f"{run.executions}:{name}",
            "stateMachineArn": run.told["_stateMachineArn"],
            "name": name,
            "status": "RUNNING",
            "startDate": self._machines.now_iso(),
            "stopDate": None,
            "input": json.dumps(batch.input),
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": run.arn,
            "events": [],
            "mockAttempts": {},
        }
        self._machines._executions[child["executionArn"]] = child
        return child

    def _run_child(self, child: Json, iterator: Json, batch: Batch, parent: Json) -> str:
        """Run a child to its end; how it ended, as counts have it.

        "Distributed Map states don't support variables of outer scopes" (developer guide, "Passing
        data between states with variables"), and `$states.context.Execution` is the child's.
        """
        context = {
            "QueryLanguage": parent.get("QueryLanguage"),
            "Execution": {
                "Id": child["executionArn"],
                "Input": batch.input,
                "Name": child["name"],
                "StartTime": child["startDate"],
            },
            "StateMachine": {
                "Id": child["stateMachineArn"],
                "Name": child["stateMachineArn"].rpartition(":")[2],
            },
            "variables": {},
        }
        failed = self._machines._ExecutionError
        begun = time.monotonic()
        try:
            self._check(batch.input, "the input")
            output = self._machines._run_sub_machine(
                iterator.get("States", {}), iterator.get("StartAt"), batch.input, child, context
            )
            child |= {"status": "SUCCEEDED", "output": json.dumps(output)}
        except failed as error:
            child |= {"status": "FAILED", "error": error.error, "cause": error.cause}
        except Exception as problem:  # what MiniStack stumbles over, as it does itself
            child |= {"status": "FAILED", "error": "States.TaskFailed", "cause": str(problem)}
        child["stopDate"] = self._machines.now_iso()
        if express.is_express(iterator) and time.monotonic() - begun > express.LONGEST_SECONDS:
            child |= {
                "status": "TIMED_OUT",
                "error": "States.Timeout",
                "cause": "an Express execution lasts five minutes at most",
                "output": None,
            }
        return _COUNTED.get(child["status"], str(child["status"]).lower())

    def _result(self, fields: Fields, run: MapRun, role: str) -> Any:
        ended = [child for child in run.children if child is not None]
        writer = fields.state.get("ResultWriter")
        if not writer:
            return [map_results.compact(child) for child in ended]
        results = map_results.Results(
            fields.evaluated(writer.get("Arguments") or writer.get("Parameters") or {}),
            writer.get("WriterConfig") or {},
            run.arn,
        )
        if not writer.get("Resource"):
            return results.transformed(ended)
        for action in map_results.RIGHTS_TO_WRITE:
            self._require(role, action, results.objects_arn, {}, _WRITE_FAILED)
        try:
            return results.write(ended)
        except map_results.WriteRefusedError as error:
            raise self._machines._ExecutionError(_WRITE_FAILED, str(error)) from error
