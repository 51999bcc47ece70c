"""What all that may be done in a run has in common: it can be read in a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class Doing:
    """Something that is done; ``words`` say it, with the values of its fields put in."""

    words: ClassVar[str]

    def __str__(self) -> str:
        return self.words.format_map(vars(self))


@dataclass(frozen=True)
class Stop(Doing):
    """Stop an execution of a workflow, as somebody with the rights to it may."""

    words = "stop the workflow {workflow} of {execution}"
    execution: str
    workflow: str
