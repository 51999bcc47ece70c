"""The template as CloudFormation would have it: translated by SAM, its parameters filled in."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

type Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION, NAME = "123456789012", "eu-central-1", "pitr-guardian"

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": NAME,
    "AWS::URLSuffix": "amazonaws.com",
}
_NOTHING = object()


@dataclass(frozen=True)
class Resource:
    """A resource of the deployed stack."""

    id: str
    type: str
    properties: Json
    """Without intrinsic functions: another resource is its logical id, and an attribute of it
    `<logical id>.<attribute>`."""
    attributes: Json
    """What stands beside the properties, such as DeletionPolicy."""


@dataclass(frozen=True)
class Stack:
    """The template, translated and resolved for one set of parameters."""

    resources: Mapping[str, Resource]
    outputs: Mapping[str, Any]

    def of_type(self, type_: str) -> list[Resource]:
        found = [each for each in self.resources.values() if each.type == type_]
        assert found, f"the template has no {type_}"
        return found

    def has(self, logical_id: str, type_: str) -> bool:
        return logical_id in self.resources and self.resources[logical_id].type == type_

    def __getitem__(self, logical_id: str) -> Resource:
        return self.resources[logical_id]


@cache
def source() -> Json:
    """The template as it is written."""
    text = (ROOT / "template.yaml").read_text()
    # Through JSON: YAML's anchors share objects, which SAM changes in place.
    template: Json = json.loads(json.dumps(yaml_parse(text)))
    return template


def deployed(**parameters: str) -> Stack:
    """The stack, with these parameters and the defaults of all others."""
    return _deployed(tuple(sorted(parameters.items())))


def translated() -> Json:
    """The template as SAM hands it to CloudFormation, functions and all."""
    return _translate(source(), _values({}))


@cache
def _deployed(parameters: tuple[tuple[str, str], ...]) -> Stack:
    values = _values(dict(parameters))
    template = _translate(source(), values)
    resolve = _Resolver(template, values).resolve
    conditions = template.get("Conditions", {})
    resources = {
        name: Resource(
            name,
            body["Type"],
            resolve(body.get("Properties", {})),
            {key: value for key, value in body.items() if key not in {"Type", "Properties"}},
        )
        for name, body in template["Resources"].items()
        if "Condition" not in body or resolve(conditions[body["Condition"]])
    }
    outputs = {name: resolve(body["Value"]) for name, body in template["Outputs"].items()}
    return Stack(resources, outputs)


def _values(given: Mapping[str, str]) -> Json:
    """The value of each parameter: what is given, or its default."""
    parameters = source()["Parameters"]
    unknown = given.keys() - parameters.keys()
    assert not unknown, f"no such parameters: {unknown}"
    return {
        name: _typed(declared, given.get(name, declared.get("Default")))
        for name, declared in parameters.items()
    }


def _typed(declared: Json, value: Any) -> Any:
    if declared["Type"] == "CommaDelimitedList":
        return str(value).split(",")
    return value


def _translate(template: Json, values: Json) -> Json:
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        for uri in ("CodeUri", "ContentUri", "DefinitionUri"):
            if uri in resource["Properties"]:  # `sam deploy` uploads what they name
                resource["Properties"][uri] = f"s3://artifacts/{resource['Properties'][uri]}"
    session = boto3.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    translated: Json = translator.translate(template, {**_PSEUDO, **values})
    return translated


class _Resolver:
    """Resolves the intrinsic functions that the template uses; any other is an error."""

    def __init__(self, template: Json, parameters: Json) -> None:
        self._conditions = template.get("Conditions", {})
        self._known = {**_PSEUDO, **parameters}
        self._resources = template["Resources"].keys()
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Equals": lambda pair: self.resolve(pair[0]) == self.resolve(pair[1]),
            "Fn::Not": lambda one: not self.resolve(one[0]),
            "Fn::Join": lambda pair: pair[0].join(map(str, self.resolve(pair[1]))),
        }

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            resolved = (self.resolve(each) for each in value)
            return [each for each in resolved if each is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._functions[name](argument)
        pairs = ((key, self.resolve(inner)) for key, inner in value.items())
        return {key: inner for key, inner in pairs if inner is not _NOTHING}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._known:
            return self._known[name]
        assert name in self._resources, f"!Ref {name} leads nowhere"
        return name

    def _attribute(self, path: str | list[str]) -> str:
        parts = path.split(".") if isinstance(path, str) else path
        assert parts[0] in self._resources, f"!GetAtt {path} leads nowhere"
        return ".".join(parts)

    def _sub(self, argument: Any) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name in extra:
                return str(self.resolve(extra[name]))
            return str(self._attribute(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", fill, text)

    def _if(self, arguments: list[Any]) -> Any:
        condition, then, otherwise = arguments
        return self.resolve(then if self.resolve(self._conditions[condition]) else otherwise)


def listed(value: Any) -> list[Any]:
    """What IAM takes alone or as a list, as a list."""
    return value if isinstance(value, list) else [value]


def statements(resource: Resource) -> Iterable[Json]:
    """The policy statements that a role, a queue policy or a bus holds."""
    properties = resource.properties
    policies = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    policies += [properties[key] for key in ("PolicyDocument", "Policy") if key in properties]
    for policy in policies:
        yield from policy["Statement"]
    if resource.type == "AWS::Events::EventBusPolicy":
        yield properties["Statement"]
