"""The templates as CloudFormation would have them: translated by SAM, parameters filled in."""

from __future__ import annotations

import copy
import json
import os
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
ORGANIZATION = "o-a1b2c3d4e5"

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
_NOTHING = object()
_PART, _LOOP = "AWS::CloudFormation::Stack", "Fn::ForEach::"
_PATHS = {"CodeUri", "ContentUri", "DefinitionUri"}
_GENERATED = "1A2B3C4D5E6F"  # what CloudFormation appends to names of its own making


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
    stack: str
    """Name of the stack or nested stack that has it."""


@dataclass(frozen=True)
class Stack:
    """The template and its parts, translated and resolved for one set of parameters."""

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
def sources() -> Mapping[str, Json]:
    """The templates as they are written, by their paths: the stack's own and those of its parts."""
    found: dict[str, Json] = {}
    ahead = ["template.yaml"]
    while ahead:
        path = ahead.pop()
        # Through JSON: YAML's anchors share objects, which SAM changes in place.
        found[path] = json.loads(json.dumps(yaml_parse((ROOT / path).read_text())))
        for resource in found[path]["Resources"].values():
            if isinstance(resource, dict) and resource["Type"] == _PART:
                ahead.append(_beside(path, resource["Properties"]["TemplateURL"]))
    return found


def _beside(template: str, path: str) -> str:
    """A path that a template names, from the root."""
    return os.path.normpath(Path(template).parent / path)


def source() -> Json:
    """The stack's own template as it is written: the public interface, and what its parts share."""
    return sources()["template.yaml"]


@cache
def written() -> Mapping[str, Json]:
    """Each resource as it is written, whichever template has it, with paths from the root."""
    return {
        name: _from_root(body, path)
        for path, template in sources().items()
        for name, body in template["Resources"].items()
        if not name.startswith(_LOOP)
    }


WITH_ALL_PARTS = {"UndoTablePattern": "undoable-*", "OrganizationId": ORGANIZATION}
"""What it takes for every part to be there that can be left out."""


def deployed(**parameters: str) -> Stack:
    """The stack with all its parts, these parameters and the defaults of all others."""
    return _deployed(tuple(sorted((WITH_ALL_PARTS | parameters).items())))


def deployed_alone(path: str, name: str, *, account: str, region: str, **parameters: str) -> Stack:
    """A template of CloudFormation's own that is no part of the stack, in an account and region."""
    template = yaml_parse((ROOT / path).read_text())
    declared = template["Parameters"]
    unknown, given = parameters.keys() - declared.keys(), set(parameters)
    missing = {key for key, each in declared.items() if "Default" not in each} - given
    assert not unknown | missing, f"{path}: {unknown} are unknown, {missing} are missing"
    values = {key: parameters.get(key, each.get("Default")) for key, each in declared.items()}
    place = {"AWS::AccountId": account, "AWS::Region": region, "AWS::StackName": name}
    return _stack_of(template, name, _Resolver(template, {**_PSEUDO, **values, **place}, _no_part))


def _no_part(name: str) -> Stack:
    raise AssertionError(f"{name} is a part of a template that has none")


def _stack_of(template: Json, name: str, resolver: _Resolver) -> Stack:
    resolve, conditions = resolver.resolve, template.get("Conditions", {})
    resources = {
        id_: Resource(
            id_,
            body["Type"],
            resolve(body.get("Properties", {})),
            {key: value for key, value in body.items() if key not in {"Type", "Properties"}},
            name,
        )
        for id_, body in template["Resources"].items()
        if "Condition" not in body or resolve(conditions[body["Condition"]])
    }
    outputs = {
        id_: resolve(body["Value"])
        for id_, body in template.get("Outputs", {}).items()
        if "Condition" not in body or resolve(conditions[body["Condition"]])
    }
    return Stack(resources, outputs)


def translated() -> Mapping[str, Json]:
    """The templates as CloudFormation makes resources of them: loops written out, functions and
    all that belongs to them."""
    return {
        path: _translated(path, json.dumps(_values(path, {}), sort_keys=True)) for path in sources()
    }


@cache
def _deployed(parameters: tuple[tuple[str, str], ...]) -> Stack:
    return _Part("template.yaml", NAME, dict(parameters)).stack()


@cache
def _translated(path: str, values: str) -> Json:
    """A part is the same in most of the stacks that tests ask for. Nobody writes into it."""
    return _translate(path, json.loads(values))


class _Part:
    """One template, translated and resolved with what its parent gives it."""

    def __init__(self, path: str, name: str, given: Mapping[str, Any]) -> None:
        self._path, self._name = path, name
        values = _values(path, given)
        self._template = _translated(path, json.dumps(values, sort_keys=True))
        self._parts: dict[str, Stack] = {}
        self._resolver = _Resolver(
            self._template, {**_PSEUDO, **values, "AWS::StackName": name}, self._part
        )

    def stack(self) -> Stack:
        own = _stack_of(self._template, self._name, self._resolver)
        resources = dict(own.resources)
        for name in [each.id for each in resources.values() if each.type == _PART]:
            of_part = self._part(name).resources
            assert not of_part.keys() & resources.keys(), f"{name} has names of other parts"
            resources |= of_part
        return Stack(resources, own.outputs)

    def _part(self, name: str) -> Stack:
        if name not in self._parts:
            properties = self._template["Resources"][name]["Properties"]
            path = _beside(self._path, properties["TemplateURL"])
            given = self._resolver.resolve(properties["Parameters"])
            declared = sources()[path]["Parameters"]
            missing = {
                key for key, each in declared.items() if "Default" not in each
            } - given.keys()
            assert not missing, f"{name} isn't given {missing}"
            self._parts[name] = _Part(path, f"{self._name}-{name}-{_GENERATED}", given).stack()
        return self._parts[name]


def _values(path: str, given: Mapping[str, Any]) -> Json:
    """The value of each parameter: what is given, or its default."""
    parameters = sources()[path]["Parameters"]
    unknown = given.keys() - parameters.keys()
    assert not unknown, f"{path} has no such parameters: {unknown}"
    return {
        name: _typed(declared, given.get(name, declared.get("Default")))
        for name, declared in parameters.items()
    }


def _typed(declared: Json, value: Any) -> Any:
    if declared["Type"] == "CommaDelimitedList":
        return str(value).split(",")
    assert not isinstance(value, list), "a part's parameters are texts"
    return value


def _translate(path: str, values: Json) -> Json:
    template = _written_out(copy.deepcopy(sources()[path]), values)
    if template.get("Transform") != "AWS::Serverless-2016-10-31":
        return template
    for name, resource in template["Resources"].items():
        properties = _from_root(resource, path)["Properties"]
        template["Resources"][name] = {**resource, "Properties": properties}
        for uri in _PATHS & properties.keys():  # `sam deploy` uploads what they name
            properties[uri] = f"s3://artifacts/{properties[uri]}"
    session = boto3.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    # What is given by nobody here stays a reference.
    known = {name: value for name, value in values.items() if value is not None}
    translated: Json = translator.translate(template, {**_PSEUDO, "AWS::StackName": NAME, **known})
    return translated


def _from_root(resource: Json, path: str) -> Json:
    """The resource, with paths that are the template's as paths from the root."""
    properties = dict(resource.get("Properties", {}))
    for uri in _PATHS & properties.keys():
        properties[uri] = _beside(path, properties[uri])
    return {**resource, "Properties": properties}


def _written_out(template: Json, values: Json) -> Json:
    """The template without its loops: each `Fn::ForEach` of resources, as the user guide of
    CloudFormation has it."""
    resources: Json = {}
    for name, body in template["Resources"].items():
        if not name.startswith(_LOOP):
            resources[name] = body
            continue
        variable, collection, shape = body
        listed = values[collection["Ref"]] if isinstance(collection, dict) else collection
        for each in listed:
            resources |= _with_variable(shape, variable, each)
    return {**template, "Resources": resources}


def _with_variable(value: Any, variable: str, is_: str) -> Any:
    if isinstance(value, list):
        return [_with_variable(each, variable, is_) for each in value]
    if isinstance(value, dict):
        return {
            _with_variable(key, variable, is_): _with_variable(inner, variable, is_)
            for key, inner in value.items()
        }
    if not isinstance(value, str):
        return value
    value = value.replace(f"&{{{variable}}}", re.sub(r"[^A-Za-z0-9]", "", is_))
    return value.replace(f"${{{variable}}}", is_)


class _Resolver:
    """Resolves the intrinsic functions that the template uses; any other is an error."""

    def __init__(self, template: Json, known: Json, part: Callable[[str], Stack]) -> None:
        self._conditions = template.get("Conditions", {})
        self._known = known
        self._resources = template["Resources"]
        self._part = part
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Equals": lambda pair: self.resolve(pair[0]) == self.resolve(pair[1]),
            "Fn::Not": lambda one: not self.resolve(one[0]),
            "Fn::And": lambda several: all(self.resolve(each) for each in several),
            "Fn::Select": lambda pair: self.resolve(pair[1])[pair[0]],
            "Fn::Split": lambda pair: self.resolve(pair[1]).split(pair[0]),
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
        if self._resources[parts[0]]["Type"] == _PART:
            _, outputs, name = ".".join(parts).split(".")
            assert outputs == "Outputs", f"!GetAtt {path}: a part has nothing but outputs"
            return str(self._part(parts[0]).outputs[name])
        return ".".join(parts)

    def _sub(self, argument: Any) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name in extra:
                return str(self.resolve(extra[name]))
            return str(self._attribute(name) if "." in name else self._ref(name))

        filled = re.sub(r"\$\{([^!}]+)\}", fill, text)
        return filled.replace("${!", "${")  # how a literal is written, such as a variable of IAM's

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
