"""What a function can import: its package, its layers, and what the runtime brings."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.functions import make_function
from tests.localcloud.test_functions import EVERYTHING

LISTS_ITS_PATH = """
import sys

def handler(event, context):
    return {"path": sys.path, "prefix": sys.prefix}
"""


def answer(aws: Account, code: str, **settings: Any) -> Any:
    return invoke(aws, make_function(aws, code, EVERYTHING, **settings))


def invoke(aws: Account, function: str) -> Any:
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    return json.loads(answer["Payload"].read())


def layer(aws: Account, installed: str | None = None, **modules: str) -> str:
    """ARN of a layer with these modules, one of which may be a distribution's."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, code in modules.items():
            archive.writestr(f"python/{name}.py", code)
        if installed:
            about = f"python/{installed}-1.0.dist-info"
            archive.writestr(f"{about}/METADATA", f"Name: {installed}\nVersion: 1.0\n")
            archive.writestr(f"{about}/RECORD", f"{installed}.py,,\n")
    made = aws.client("lambda").publish_layer_version(
        LayerName="layer", Content={"ZipFile": package.getvalue()}
    )
    return str(made["LayerVersionArn"])


@pytest.mark.parametrize("package", ["pydantic", "aws_lambda_powertools", "ministack", "pytest"])
def test_a_package_of_the_development_environment_isnt_there(aws: Account, package: str) -> None:
    __import__(package)  # it is here
    code = f"import {package}\ndef handler(event, context): return 'found'"
    assert f"No module named '{package}'" in json.dumps(answer(aws, code))


def test_a_layer_without_its_packages_fails_at_import(aws: Account) -> None:
    arn = layer(aws, logic="import pydantic")
    code = "import logic\ndef handler(event, context): return 'found'"
    assert "No module named 'pydantic'" in json.dumps(answer(aws, code, Layers=[arn]))


def test_the_runtime_brings_boto3_and_what_it_needs(aws: Account) -> None:
    code = "import boto3, botocore.session, urllib3, dateutil\n"
    code += (
        "def handler(event, context): return boto3.client('sqs').meta.service_model.service_name"
    )
    assert answer(aws, code) == "sqs"


def test_what_a_layer_brings_comes_before_the_runtimes(aws: Account) -> None:
    arn = layer(aws, boto3="NAME = 'the layer\\'s'")
    code = "import boto3\ndef handler(event, context): return boto3.NAME"
    assert answer(aws, code, Layers=[arn]) == "the layer's"


def test_no_folder_of_the_project_is_on_the_path(aws: Account) -> None:
    found = answer(aws, LISTS_ITS_PATH)
    assert found["prefix"] != sys.prefix
    assert [each for each in found["path"] if each.startswith(sys.prefix)] == []


def test_each_layer_is_unpacked_once_and_the_last_comes_first(aws: Account) -> None:
    code = "import logic\ndef handler(event, context): return [logic.NAME, logic.__file__]"
    old, new = layer(aws, logic="NAME = 'old'"), layer(aws, logic="NAME = 'new'")
    functions = aws.client("lambda")

    def answer_with(*layers: str) -> Any:
        functions.update_function_configuration(FunctionName="function", Layers=list(layers))
        functions.get_waiter("function_updated_v2").wait(FunctionName="function")
        return json.loads(functions.invoke(FunctionName="function")["Payload"].read())

    of_new = answer(aws, code, Layers=[old, new])
    of_old = answer_with(new, old)
    assert (of_new[0], of_old[0]) == ("new", "old")
    assert answer_with(new) == of_new
    assert answer_with(old) == of_old


IMPORTED = "import os\nIMPORTED_BY = os.getpid()\nNAME = os.environ.get('NAME')\n"
TELLS = """
import os, random
import brought, own
OWN_NAME = os.environ["NAME"]

def handler(event, context):
    return {
        "brought_here": brought.IMPORTED_BY == os.getpid(),
        "own_here": own.IMPORTED_BY == os.getpid(),
        "names": [own.NAME, OWN_NAME, os.environ["NAME"]],
        "chance": random.random(),
    }
"""


def test_workers_share_what_is_installed_and_nothing_else(aws: Account) -> None:
    arn = layer(aws, installed="brought", brought=IMPORTED, own=IMPORTED)

    def told(name: str) -> Any:
        environment = {"Variables": {"NAME": name}}
        return answer(
            aws, TELLS, Layers=[arn], Environment=environment, FunctionName=f"function-{name}"
        )

    first, second = told("first"), told("second")
    assert first["names"] == ["first"] * 3
    assert second["names"] == ["second"] * 3
    assert (first["own_here"], second["own_here"]) == (True, True)
    assert first["chance"] != second["chance"]
    # The first one's imports are everybody's; without pidfds (macOS) each has its own.
    assert first["brought_here"]
    assert second["brought_here"] is not hasattr(os, "pidfd_open")


def test_a_worker_that_ends_is_noticed(aws: Account) -> None:
    code = "import os\ndef handler(event, context): os._exit(3)"
    function = make_function(aws, code, EVERYTHING)
    for _ in range(2):  # no invocation finds the worker that is gone
        assert invoke(aws, function)["errorType"] == "Runtime.ExitError"
