"""`python -m localcloud up`: the embedded AWS with the stack deployed, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from rich.console import Console

from localcloud.deploy import (
    DEFAULT_STACK_NAME,
    DeploymentFailedError,
    Stack,
    deploy,
)
from localcloud.fact_feed import (
    FactFeed,
    line,
)
from localcloud.server import (
    LocalCloud,
    PortTakenError,
)
from localcloud.settings import Settings
from localcloud.walkthrough import steps


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    # SIGTERM ends like Ctrl-C: through every `with`.
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console()
    try:
        return up(console, options.port, options.region, dict(options.parameters))
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    except PortTakenError as error:
        console.print(f"{error}. Another `make up`, maybe? Choose another: make up PORT=4567")
        return 1


def up(console: Console, port: int, region: str, parameters: Mapping[str, str]) -> int:
    """Start, deploy, explain and wait to be interrupted."""
    with LocalCloud.start(Settings(port=port, region=region)) as cloud:
        try:
            with console.status(f"Deploying {DEFAULT_STACK_NAME} onto {cloud.endpoint} …"):
                stack = deploy(cloud, parameters=parameters)
        except DeploymentFailedError as error:
            console.print(str(error), style="red", markup=False, highlight=False)
            return 1
        # Before anybody can make a fact.
        feed = FactFeed(cloud, stack.outputs["FactBusName"], region)
        _explain(console, stack, cloud.environment(region))
        _tell(console, feed)
    return 0


def _explain(console: Console, stack: Stack, environment: Mapping[str, str]) -> None:
    console.print(
        f"[bold]{stack.name}[/] runs in {stack.region} of {environment['AWS_ENDPOINT_URL']}."
    )
    width = max(map(len, stack.outputs), default=0)
    for name, value in sorted(stack.outputs.items()):
        # Whole, however narrow the terminal: they are there to be copied.
        console.print(f"{name:{width}}  {value}", soft_wrap=True, markup=False, highlight=False)

    for title, command in steps(stack.outputs, environment).items():
        console.print(f"\n[bold]{title}[/]")
        # Neither wrapped nor coloured: it is there to be copied.
        console.print(command, soft_wrap=True, markup=False, highlight=False)
    console.print("\nCtrl-C stops it; nothing is kept. Facts, as they come:\n")


def _tell(console: Console, feed: FactFeed) -> None:
    while True:
        for event in feed.read():
            console.print(line(event), soft_wrap=True, markup=False, highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("up", help="start the embedded AWS and deploy the stack")
    command.add_argument(
        "--port", type=int, default=4566, help="0 takes a free one (default: 4566)"
    )
    command.add_argument("--region", default=Settings.region, help="(default: %(default)s)")
    command.add_argument(
        "parameters",
        type=_parameter,
        nargs="*",
        metavar="NAME=VALUE",
        help="parameters of the stack",
    )
    return parser


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
