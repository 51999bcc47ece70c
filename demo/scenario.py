"""The whole story, from an empty account to the summary of what was claimed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from localcloud import (
    LocalCloud,
    Settings,
)
from localcloud.deploy import DeploymentFailedError

from .chapters.birth import table_is_protected
from .chapters.comparing import tables_are_compared
from .chapters.damage import data_is_spoilt
from .chapters.drift import drift_is_repaired
from .chapters.mail import alerts_are_read
from .chapters.report import tables_are_reported
from .chapters.restore import table_is_restored
from .chapters.undo import table_is_healed
from .narration import Narrator
from .summary import summarise
from .waiting import DeadlineError
from .world import World, hire_intern

_INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended, as shells have it."""


def run(console: Console) -> int:
    """Tell the story and return the exit code: 0 where every claim held."""
    tell = Narrator(console)
    with tempfile.TemporaryDirectory(prefix="pitr-guardian-demo-") as folder:
        try:
            _tell_it_all(tell, Settings(log_file=Path(folder) / "engine.log"))
        except KeyboardInterrupt:
            console.print("\nStopped; nothing is kept.")
            return _INTERRUPTED
    summarise(tell)
    return 1 if tell.failures else 0


def _tell_it_all(tell: Narrator, settings: Settings) -> None:
    tell.chapter("An empty account, and the guardian in it")
    with LocalCloud.start(settings) as cloud:
        tell.say(
            f"The embedded AWS answers at {cloud.endpoint}: account {cloud.account_id}, "
            f"region {settings.region}. No Docker, no AWS account."
        )
        try:
            _chapters(tell, cloud)
        except (
            DeadlineError,
            DeploymentFailedError,
            TimeoutError,
            ClientError,
            BotoCoreError,
        ) as error:
            # The rest of the story builds on this: there is nothing more to tell.
            tell.claim("The story can go on", holds=False, detail=str(error))


def _chapters(tell: Narrator, cloud: LocalCloud) -> None:
    world = _deployed(tell, cloud)
    try:
        table_is_protected(tell, world)
        intern = hire_intern(cloud)
        protected_at = drift_is_repaired(tell, world, intern)
        second_before = data_is_spoilt(tell, world, intern, protected_at)
        table_is_restored(tell, world, second_before)
        tables_are_compared(tell, world)
        table_is_healed(tell, world, second_before)
        tables_are_reported(tell, world)
        alerts_are_read(tell, world)
    except DeadlineError:
        for alert in world.inbox.read():
            tell.say(f"Alert so far: {alert.subject}")
        tell.say(f"Messages in the stack's queues: {world.queued()}")
        for line in world.errors_logged():
            tell.say(f"Logged by the stack: {line}")
        raise


def _deployed(tell: Narrator, cloud: LocalCloud) -> World:
    began = tell.elapsed
    with tell.waiting("sam deploy is running"):
        world = World.build(cloud)
    tell.say(
        f"sam deploy: the stack {world.stack.name}, {world.resources()} resources, "
        f"in {tell.elapsed - began:.1f} s. It is the template that goes to AWS."
    )
    tell.say(f"A queue subscribes to {world.stack.outputs['AlertTopicArn']}, as an e-mail would.")
    return world
