"""What `make deploy ARGS=…` means, together with samconfig.toml."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_PARAMETERS = "--parameter-overrides"
# They are chosen here, so that what is deployed is what was built and checked.
_OURS = ("--template-file", "--template", "-t", "--config-file")


class WrongArgumentsError(ValueError):
    """The message says what to write instead."""


@dataclass(frozen=True)
class Deployment:
    """What is deployed, and how."""

    stack_name: str
    architecture: str
    arguments: Sequence[str]
    """For `sam deploy`."""

    @property
    def machine(self) -> str:
        """The architecture in Linux's words."""
        return _MACHINES[self.architecture]


def read_arguments(
    given: Sequence[str], settings: Mapping[str, Any], architecture: str
) -> Deployment:
    """Add to the arguments what samconfig.toml (`settings`) would have added, and the architecture.

    SAM lets `--parameter-overrides` on the command line replace those of samconfig.toml as a whole.
    Here both hold, and the command line's come last. The architecture is always named: else an
    upgrade would keep the stack's former one, whatever was built.

    Raises:
        WrongArgumentsError: an argument is unknown here or contradicts another.
    """
    if architecture not in _MACHINES:
        raise WrongArgumentsError(f"ARCHITECTURE is {architecture!r}; it may be arm64 or x86_64.")
    options = list(_options(given))
    for name, _ in options:
        if name in _OURS:
            raise WrongArgumentsError(
                f"{name} in ARGS: `make deploy` takes the template and the samconfig.toml of this"
                " folder. For others use `sam deploy` by hand."
            )
    environment = _last(options, "--config-env") or "default"
    if environment not in settings:
        known = ", ".join(name for name in settings if name != "version")
        raise WrongArgumentsError(f"--config-env {environment}: samconfig.toml has {known}.")
    configured = {
        **settings[environment].get("global", {}).get("parameters", {}),
        **settings[environment].get("deploy", {}).get("parameters", {}),
    }
    stack_name = _last(options, "--stack-name") or configured.get("stack_name")
    if not stack_name:
        raise WrongArgumentsError(
            f"No stack is named: add --stack-name to ARGS, or stack_name to [{environment}] in"
            " samconfig.toml."
        )
    parameters = [
        *_list(configured.get("parameter_overrides", [])),
        *(value for name, values in options if name == _PARAMETERS for value in values),
    ]
    if any(
        parameter.replace("ParameterKey=", "").startswith("Architecture")
        for parameter in parameters
    ):
        raise WrongArgumentsError(
            "Architecture among the parameters: name it as `make deploy ARCHITECTURE=x86_64`, so"
            " that the build has it, too."
        )
    others = [
        argument for name, values in options if name != _PARAMETERS for argument in (name, *values)
    ]
    every = [*parameters, f"Architecture={architecture}"]
    return Deployment(stack_name, architecture, [*others, _PARAMETERS, *every])


def _options(given: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with what follows it, up to the next."""
    name, values = "", list[str]()
    for argument in given:
        if not argument.startswith("-"):
            if not name:
                raise WrongArgumentsError(
                    f"{argument!r} in ARGS belongs to no option. Parameters of the stack follow"
                    f' {_PARAMETERS}: make deploy ARGS="{_PARAMETERS} Mode=notify-only"'
                )
            values.append(argument)
            continue
        if name:
            yield name, values
        name, separator, value = argument.partition("=")
        values = [value] if separator else []
    if name:
        yield name, values


def _last(options: Sequence[tuple[str, list[str]]], name: str) -> str | None:
    found = [values for each, values in options if each == name]
    return " ".join(found[-1]) if found else None


def _list(value: str | Sequence[str]) -> Sequence[str]:
    return shlex.split(value) if isinstance(value, str) else value
