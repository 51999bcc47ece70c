"""Following work to its answer, which goes on whether somebody follows it or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from pitr_guardian_cli.aws.complaints import is_passing
from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.facts import Fact
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.terminal.progress import Stage, progress
from pitr_guardian_cli.times import duration

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds between two looks; it grows by a 60th of the time
_UNREACHABLE_SECONDS = 300
"""So long a network may be away before following is given up."""
_UNANSWERED_SECONDS = 120
"""So long the guardian may take to take a request in, or to answer for a workflow that ended."""

ASKED = "asked"
"""The key of the stage before the guardian has taken something in."""
ENDED = "ended"
"""The key of the stage after a workflow has ended and before it is answered for."""


class Work(Protocol):
    """Something that the guardian was asked for."""

    request_id: str

    @property
    def what(self) -> str:
        """In a word or two, such as ``restore``."""

    def look(self) -> Stage | Fact:
        """Tell where it stands, or its answer."""


def stage_by_state(where: Where | None, says: Mapping[str, str], now: datetime) -> Stage:
    """Tell where work stands that was taken in, by the state that its workflow is in.

    Args:
        where: the workflow's state, as far as it is known.
        says: what a state means to a person; of all others nothing is told.
        now: the time of now.
    """
    if where is None:
        return Stage("accepted", "Accepted")
    if where.ended is not None:
        return Stage(ENDED, f"The workflow has ended ({where.ended}); waiting for the answer")
    said = says.get(where.state or "")
    if said is None:
        return Stage("accepted", "Accepted")
    so_long = duration((now - (where.since or now)).total_seconds())
    return Stage(said, f"{said}, for {so_long}")


def follow(work: Work, here: Here) -> Fact:
    """Follow work to its answer, showing how far it is.

    Raises:
        KeyboardInterrupt: somebody has seen enough; how to go on was told.
        Problem: nobody answers, or AWS can't be asked any more.
    """
    try:
        return _followed(work, here)
    except (KeyboardInterrupt, ClientError, BotoCoreError):
        here.say(f"The {work.what} goes on by itself. To follow it again:")
        here.say(f"  {how_to_follow(work, here)}")
        raise


def how_to_follow(work: Work, here: Here) -> str:
    """The command that follows the work from anywhere."""
    return here.command(f"follow {work.request_id}")


def _followed(work: Work, here: Here) -> Fact:
    began = silent_since = here.now()
    away_since = None
    with progress(here.err) as show:
        while True:
            now = here.now()
            try:
                found = work.look()
                away_since = None
            except (ClientError, BotoCoreError) as error:
                away_since = away_since or now
                is_long = (now - away_since).total_seconds() > _UNREACHABLE_SECONDS
                if is_long or not is_passing(error):
                    raise
                found = Stage("away", "AWS can't be reached; trying again")
            if isinstance(found, Fact):
                return found
            show(found)
            if found.key not in (ASKED, ENDED):
                silent_since = now
            elif (now - silent_since).total_seconds() > _UNANSWERED_SECONDS:
                raise _unanswered(work, here, found)
            here.sleep(min(_FIRST_PAUSE + (now - began).total_seconds() / 60, _LONGEST_PAUSE))


def _unanswered(work: Work, here: Here, stage: Stage) -> Problem:
    which = "taken in" if stage.key == ASKED else "answered"
    return Problem(
        f"the {work.what} {work.request_id} has not been {which} for {_UNANSWERED_SECONDS} s",
        Exit.STILL_GOING_ON,
        remedy=f"{here.command('doctor')} looks for the reason; "
        f"{how_to_follow(work, here)} goes on following it",
    )
