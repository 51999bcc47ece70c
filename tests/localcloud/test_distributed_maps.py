"""Map states in distributed mode: what they read, run, tolerate and write."""

from __future__ import annotations

import importlib
import json
import threading
import time
from typing import Any

import pytest

from tests.localcloud.account import HOME, Account
from tests.localcloud.functions import make_function

type Json = dict[str, Any]

READ = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}}
LIST = {"Resource": "arn:aws:states:::s3:listObjectsV2"}
WRITE = {"Resource": "arn:aws:states:::s3:putObject"}
EVERYTHING = {"Action": "*", "Resource": "*"}


class Maps:
    """Runs a Map state on what is in a bucket."""

    def __init__(self, aws: Account) -> None:
        self.aws = aws
        self.client = aws.client("stepfunctions")
        self.s3 = aws.client("s3")
        self.bucket = f"maps-{aws.account_id}"
        place = {"LocationConstraint": HOME}
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=place)

    def put_lines(self, key: str, *lines: Any) -> None:
        content = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content.encode())

    def read(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def run(self, state: Json, child: Json | None = None, *rights: Json, given: Any = None) -> Json:
        """The description of the execution of a machine that is this state, when it is over.

        `child`: the states of each child; None: it gives out its input.
        """
        states = child or {"Go": {"Type": "Pass", "End": True}}
        processor = {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Go",
            "States": states,
        }
        mapped = {"Type": "Map", "Label": "Each", "ItemProcessor": processor, **state}
        machine = self.client.create_state_machine(
            name="machine",
            definition=json.dumps(
                {
                    "QueryLanguage": "JSONata",
                    "StartAt": "Prepare",
                    "States": {
                        "Prepare": {
                            "Type": "Pass",
                            "Assign": {"key": "lines.jsonl", "bucket": self.bucket},
                            "Next": "Each",
                        },
                        "Each": {"Next": "End", **mapped},
                        "End": {"Type": "Succeed"},
                        "Caught": {"Type": "Pass", "Output": "caught", "End": True},
                    },
                }
            ),
            roleArn=self.aws.role(*(rights or [EVERYTHING]), name="machine", trusts="states"),
        )["stateMachineArn"]
        execution = self.client.start_execution(
            stateMachineArn=machine, name="parent", input=json.dumps(given or {})
        )["executionArn"]
        deadline = time.monotonic() + 30
        while (found := self.client.describe_execution(executionArn=execution))[
            "status"
        ] == "RUNNING":
            assert time.monotonic() < deadline, "the execution doesn't end"
            time.sleep(0.02)
        told: Json = found
        return told

    def output(self, state: Json, child: Json | None = None, **more: Any) -> Any:
        found = self.run(state, child, **more)
        assert found["status"] == "SUCCEEDED", found
        return json.loads(found["output"])

    def map_run(self) -> Json:
        arn = f"arn:aws:states:{HOME}:{self.aws.account_id}:execution:machine:parent"
        [run] = self.client.list_map_runs(executionArn=arn)["mapRuns"]
        told: Json = self.client.describe_map_run(mapRunArn=run["mapRunArn"])
        return told


@pytest.fixture
def maps(aws: Account) -> Maps:
    return Maps(aws)


def reader(maps: Maps, **config: Any) -> Json:
    """Reads the object that the variables name."""
    return {
        **READ,
        "ReaderConfig": {"InputType": "JSONL", **config},
        "Arguments": {"Bucket": "{% $bucket %}", "Key": "{% $key %}"},
    }


FAILING = {
    "Go": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.bad = true %}", "Next": "Fail"}],
        "Default": "Pass",
    },
    "Fail": {"Type": "Fail", "Error": "Bad", "Cause": "it was"},
    "Pass": {"Type": "Pass", "End": True},
}


def test_each_line_of_an_object_is_a_childs_input(maps: Maps) -> None:
    lines = [{"n": 1}, {"n": 2, "text": "a line \u2028 and not another"}, {"n": 3}]
    maps.put_lines("lines.jsonl", *lines)
    assert maps.output({"ItemReader": reader(maps)}) == lines
    counts = maps.map_run()["itemCounts"]
    assert (counts["succeeded"], counts["total"]) == (3, 3)


def test_at_most_so_many_items_are_read(maps: Maps) -> None:
    maps.put_lines("lines.jsonl", 1, 2, 3)
    assert maps.output({"ItemReader": reader(maps, MaxItems=2)}) == [1, 2]


def test_an_object_without_a_line_has_no_children(maps: Maps) -> None:
    maps.put_lines("lines.jsonl")
    assert maps.output({"ItemReader": reader(maps)}) == []


def test_each_object_of_a_folder_is_a_childs_input(maps: Maps) -> None:
    for key in ("parts/2", "parts/1", "other"):
        maps.put_lines(key, key)
    arguments = {"Bucket": maps.bucket, "Prefix": "{% $states.input.folder %}"}
    state = {"ItemReader": {**LIST, "Arguments": arguments}}
    found = maps.output(state, given={"folder": "parts/"})
    assert [item["Key"] for item in found] == ["parts/1", "parts/2"]
    assert set(found[0]) == {"Etag", "Key", "LastModified", "Size", "StorageClass"}


@pytest.mark.parametrize(
    "arguments", [{"Bucket": "nobodys", "Key": "k"}, {"Bucket": "{% $bucket %}", "Key": "k"}]
)
def test_an_object_that_isnt_there_fails_the_state(maps: Maps, arguments: Json) -> None:
    found = maps.run({"ItemReader": {**READ, "Arguments": arguments}})
    assert (found["status"], found["error"]) == ("FAILED", "States.ItemReaderFailed")


def test_a_line_that_is_no_json_fails_the_state(maps: Maps) -> None:
    maps.s3.put_object(Bucket=maps.bucket, Key="lines.jsonl", Body=b'{"n": 1}\n{"n"')
    assert maps.run({"ItemReader": reader(maps)})["error"] == "States.ItemReaderFailed"


def test_items_may_be_an_expression(maps: Maps) -> None:
    assert maps.output({"Items": "{% [1..3] %}"}) == [1, 2, 3]


def test_without_items_the_input_is_mapped(maps: Maps) -> None:
    assert maps.output({"MaxConcurrency": 1}, given=["a", "b"]) == ["a", "b"]


def test_items_must_be_an_array(maps: Maps) -> None:
    assert maps.run({"MaxConcurrency": 1}, given={"a": 1})["error"] == "States.Runtime"


def test_a_selector_makes_the_childs_input_of_an_item(maps: Maps) -> None:
    selector = {
        "item": "{% $states.context.Map.Item.Value %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "parent": "{% $states.context.Execution.Name %}",
        "key": "{% $key %}",
    }
    found = maps.output({"Items": ["a", "b"], "ItemSelector": selector})
    assert found == [
        {"item": item, "index": index, "parent": "parent", "key": "lines.jsonl"}
        for index, item in enumerate("ab")
    ]


def test_a_child_is_an_execution_of_its_own_without_its_parents_variables(maps: Maps) -> None:
    child = {
        "Go": {
            "Type": "Pass",
            "Output": {
                "name": "{% $states.context.Execution.Name %}",
                "input": "{% $states.context.Execution.Input %}",
                "key": "{% $exists($key) ? $key : 'none' %}",
            },
            "End": True,
        }
    }
    [told] = maps.output({"Items": ["a"]}, child)
    assert told["name"] != "parent"
    assert (told["input"], told["key"]) == ("a", "none")
    arn = maps.map_run()["mapRunArn"]
    [execution] = maps.client.list_executions(mapRunArn=arn)["executions"]
    assert execution["name"] == told["name"]
    assert f":execution:machine/Each:{told['name']}" in execution["executionArn"]


def test_items_are_batched_by_number(maps: Maps) -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"key": "{% $key %}"}}
    found = maps.output({"Items": [1, 2, 3], "ItemBatcher": batcher})
    fixed = {"key": "lines.jsonl"}
    assert found == [{"Items": [1, 2], "BatchInput": fixed}, {"Items": [3], "BatchInput": fixed}]
    run = maps.map_run()
    assert (run["itemCounts"]["total"], run["executionCounts"]["total"]) == (3, 2)


def test_items_are_batched_by_size(maps: Maps) -> None:
    items = ["x" * 40_000 for _ in range(5)]
    found = maps.output(
        {"Items": items, "ItemBatcher": {"MaxInputBytesPerBatch": 100_000}},
        {"Go": {"Type": "Pass", "Output": "{% $count($states.input.Items) %}", "End": True}},
    )
    assert found == [2, 2, 1]


def test_its_output_and_variables_are_made_of_the_results(maps: Maps) -> None:
    assert (
        maps.output(
            {
                "Items": [1, 2],
                "Assign": {"n": "{% $sum($states.result) %}"},
                "Output": "{% $states.result[1] %}",
            }
        )
        == 2
    )


def test_json_path_does_the_same(maps: Maps) -> None:
    maps.put_lines("lines.jsonl", 1, 2, 3)
    path = {"QueryLanguage": "JSONPath"}
    state = {
        **path,
        "ItemReader": {**READ, "Parameters": {"Bucket": maps.bucket, "Key.$": "$.key"}},
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "key.$": "$.key"},
        "ItemBatcher": {"MaxItemsPerBatchPath": "$.most"},
        "ToleratedFailurePercentagePath": "$.tolerated",
        "ResultPath": "$.found",
    }
    child = {"Go": {**path, "Type": "Pass", "InputPath": "$.Items", "End": True}}
    given = {"key": "lines.jsonl", "most": 2, "tolerated": 0}
    found = maps.output(state, child, given=given)["found"]
    assert [[item["n"] for item in items] for items in found] == [[1, 2], [3]]


def test_one_failed_child_fails_the_run_unless_some_are_tolerated(maps: Maps) -> None:
    items = [{"bad": True}, {}, {}, {}]
    found = maps.run({"Items": items}, FAILING)
    assert found["error"] == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize(
    "tolerated",
    [
        {"ToleratedFailurePercentage": 50},
        {"ToleratedFailureCount": 2},
        {"ToleratedFailurePercentage": "{% 25 * 2 %}"},
    ],
)
def test_so_many_failed_children_are_tolerated(maps: Maps, tolerated: Json) -> None:
    bad: Json = {"bad": True}
    found = maps.output({"Items": [bad, {"n": 1}, bad, {"n": 2}], **tolerated}, FAILING)
    assert [each.get("n") for each in found] == [None, 1, None, 2]
    assert {key: found[0][key] for key in ("Status", "Error", "Cause", "Input")} == {
        "Status": "FAILED",
        "Error": "Bad",
        "Cause": "it was",
        "Input": json.dumps(bad),
    }


def test_one_more_is_not_and_no_further_child_begins(maps: Maps) -> None:
    items: list[Json] = [{"bad": True}, {"bad": True}, {}, {}]
    state = {"Items": items, "ToleratedFailurePercentage": 25, "MaxConcurrency": 1}
    found = maps.run(state, FAILING)
    assert found["error"] == "States.ExceedToleratedFailureThreshold"
    counts = maps.map_run()["itemCounts"]
    assert (counts["failed"], counts["aborted"], counts["succeeded"]) == (2, 2, 0)


def test_a_failed_run_may_be_caught(maps: Maps) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    assert maps.output({"Items": [{"bad": True}], "Catch": catch}, FAILING) == "caught"


def test_children_run_so_many_at_once(maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    machines: Any = importlib.import_module("ministack.services.stepfunctions")
    together, most = 0, 0

    def wait(state: Json, *given: Any) -> Any:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        full.wait(0.2) if most < 2 else full.set()
        with lock:
            together -= 1
        return given[0], None

    lock, full = threading.Lock(), threading.Event()
    monkeypatch.setattr(machines, "_execute_wait", wait)
    state = {"Items": "{% [1..6] %}", "MaxConcurrency": "{% 1 + 1 %}"}
    maps.output(state, {"Go": {"Type": "Wait", "Seconds": 1, "End": True}})
    assert most == 2


def test_results_are_written_where_asked(maps: Maps) -> None:
    items: list[Json] = [{"bad": True}, {"n": 1}, {"n": 2}]
    writer = {**WRITE, "Arguments": {"Bucket": "{% $bucket %}", "Prefix": "results"}}
    state = {"Items": items, "ToleratedFailurePercentage": 50, "ResultWriter": writer}
    told = maps.output(state, FAILING)
    run = told["MapRunArn"].rpartition(":")[2]
    assert told["ResultWriterDetails"] == {
        "Bucket": maps.bucket,
        "Key": f"results/{run}/manifest.json",
    }
    manifest = maps.read(told["ResultWriterDetails"]["Key"])
    assert manifest["DestinationBucket"] == maps.bucket
    files = manifest["ResultFiles"]
    assert files["PENDING"] == []
    [succeeded], [failed] = files["SUCCEEDED"], files["FAILED"]
    assert succeeded["Key"] == f"results/{run}/SUCCEEDED_0.json"
    outputs = [json.loads(each["Output"]) for each in maps.read(succeeded["Key"])]
    assert outputs == items[1:]
    assert maps.read(failed["Key"])[0]["Error"] == "Bad"


def test_a_result_writer_without_a_place_forms_the_result(maps: Maps) -> None:
    writer = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}
    assert maps.output({"Items": [[1, 2], [3]], "ResultWriter": writer}) == [1, 2, 3]


@pytest.mark.parametrize(
    "state",
    [
        {"Items": "{% [1..5].($pad('x', 60000)) %}", "Output": {}},
        {"Items": [1], "ItemSelector": {"large": "{% $pad('x', 262143) %}"}},
    ],
    ids=["result", "input"],
)
def test_data_over_256_kib_end_the_execution_or_the_child(maps: Maps, state: Json) -> None:
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    found = maps.run({**state, "Catch": catch})
    if "ItemSelector" in state:
        assert found["error"] == "States.ExceedToleratedFailureThreshold"
    else:
        assert json.loads(found["output"]) == "caught"


def test_many_children_call_one_function_at_once(maps: Maps) -> None:
    code = "def handler(event, context):\n    return {'n': event['n'] * 2}\n"
    function = make_function(maps.aws, code, EVERYTHING)
    task = {
        "Go": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": function, "Payload": {"n": "{% $states.input %}"}},
            "Output": "{% $states.result.Payload.n %}",
            "End": True,
        }
    }
    found = maps.output({"Items": "{% [1..20] %}", "MaxConcurrency": 10}, task)
    assert found == [2 * n for n in range(1, 21)]


def machine_arn(maps: Maps) -> str:
    return f"arn:aws:states:{HOME}:{maps.aws.account_id}:stateMachine:machine"


def test_the_role_must_be_allowed_to_start_and_to_read(maps: Maps) -> None:
    maps.put_lines("lines.jsonl", 1)
    start = {"Action": "states:StartExecution", "Resource": machine_arn(maps)}
    read = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{maps.bucket}/lines.jsonl"}
    found = maps.run({"ItemReader": reader(maps)}, None, start, read)
    assert found["status"] == "SUCCEEDED", found


@pytest.mark.parametrize(
    ("lacking", "error"),
    [
        ("states:StartExecution", "States.Runtime"),
        ("s3:GetObject", "States.ItemReaderFailed"),
        ("s3:PutObject", "States.ResultWriterFailed"),
    ],
)
def test_a_right_that_lacks_fails_the_state(maps: Maps, lacking: str, error: str) -> None:
    maps.put_lines("lines.jsonl", 1)
    writer = {**WRITE, "Arguments": {"Bucket": maps.bucket}}
    rest = {"NotAction": lacking, "Resource": "*"}
    state = {"ItemReader": reader(maps), "ResultWriter": writer}
    found = maps.run(state, None, rest)
    assert (found["status"], found["error"]) == ("FAILED", error)
    assert lacking in {refusal.action for refusal in maps.aws.cloud.refusals.so_far()}


@pytest.mark.parametrize(("service", "status"), [("s3.*", "SUCCEEDED"), ("sqs.*", "FAILED")])
def test_an_encrypted_object_needs_its_key(maps: Maps, service: str, status: str) -> None:
    key = maps.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    maps.s3.put_object(
        Bucket=maps.bucket,
        Key="lines.jsonl",
        Body=b"1",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key,
    )
    use = {
        "Action": "kms:Decrypt",
        "Resource": key,
        "Condition": {"StringLike": {"kms:ViaService": service}},
    }
    rest = {"NotAction": "kms:*", "Resource": "*"}
    assert maps.run({"ItemReader": reader(maps)}, None, rest, use)["status"] == status


def test_listing_needs_the_right_on_the_bucket_and_its_prefix(maps: Maps) -> None:
    maps.put_lines("parts/1", 1)
    start = {"Action": "states:StartExecution", "Resource": machine_arn(maps)}
    list_parts = {
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{maps.bucket}",
        "Condition": {"StringLike": {"s3:prefix": "parts/*"}},
    }
    state = {"ItemReader": {**LIST, "Arguments": {"Bucket": maps.bucket, "Prefix": "parts/"}}}
    assert maps.run(state, None, start, list_parts)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("refused", "status"), [("false", "SUCCEEDED"), ("true", "FAILED")])
def test_a_bucket_policy_has_a_say(maps: Maps, refused: str, status: str) -> None:
    maps.put_lines("lines.jsonl", 1)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{maps.bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": refused}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    maps.s3.put_bucket_policy(Bucket=maps.bucket, Policy=policy)
    assert maps.run({"ItemReader": reader(maps)})["status"] == status


def test_a_childs_tasks_may_do_what_the_role_may(maps: Maps) -> None:
    maps.aws.active_table("orders")
    task = {
        "Go": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:getItem",
            "Arguments": {"TableName": "orders", "Key": {"id": {"S": "1"}}},
            "End": True,
        }
    }
    start = {"Action": "states:StartExecution", "Resource": machine_arn(maps)}
    state = {"Items": [1], "ToleratedFailurePercentage": 100}
    found = maps.run(state, task, start)
    [told] = json.loads(found["output"])
    assert told["Error"] == "DynamoDB.AccessDeniedException"


# -- Express children -------------------------------------------------------------------------

EXPRESS = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}


def express(states: Json | None = None) -> Json:
    """The processor of a Map state whose children are Express executions."""
    return {
        "ItemProcessor": {
            **EXPRESS,
            "StartAt": "Go",
            "States": states or {"Go": {"Type": "Pass", "End": True}},
        }
    }


def test_express_children_give_out_what_others_do_but_tell_no_history(maps: Maps) -> None:
    ended = maps.run({"Items": [1, 2], **express()})
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"]) == [1, 2]
    arn = maps.map_run()["mapRunArn"]
    for child in maps.client.list_executions(mapRunArn=arn)["executions"]:
        described = maps.client.describe_execution(executionArn=child["executionArn"])
        assert described["status"] == "SUCCEEDED"
        with pytest.raises(maps.client.exceptions.ExecutionDoesNotExist):
            maps.client.get_execution_history(executionArn=child["executionArn"])


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [({}, "FAILED"), ({"ToleratedFailurePercentage": 100}, "SUCCEEDED")],
)
def test_an_express_child_that_takes_too_long_has_failed(
    maps: Maps, monkeypatch: pytest.MonkeyPatch, tolerated: Json, status: str
) -> None:
    monkeypatch.setattr("localcloud.ministack.express.LONGEST_SECONDS", 0.0)
    assert maps.run({"Items": [1], **express(), **tolerated})["status"] == status
    assert maps.map_run()["executionCounts"]["timedOut"] == 1


@pytest.mark.parametrize("how", [".sync", ".sync:2", ".waitForTaskToken"])
def test_an_express_child_waits_for_nobody(maps: Maps, how: str) -> None:
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{how}",
        "Arguments": {},
        "End": True,
    }
    ended = maps.run({"Items": [1], **express({"Go": task})})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert how in ended["cause"]
