"""Removals that are about to be made: what is in doubt where nobody lives to tell of them.

A deletion takes all of an item, and only its answer tells whether somebody had added to it in the
moment before. Where that answer is lost, or the function that had it, nobody can tell any more. So
it is written down which items are about to be removed, before any of them is.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from pitr_guardian.exports.ports import NoObjectError, Objects
from pitr_guardian.undo import places

_LARGEST = 1 << 20


@dataclass(slots=True)
class Removals:
    """The removals of a part, by the numbers of its lines."""

    objects: Objects
    plan_id: str
    part: str
    _doubtful: set[int] = field(default_factory=set)
    """Lines whose removal may have been begun by a run that nobody heard of again."""

    def recall(self) -> None:
        """Take up what an earlier run left: its last removals, if it had any."""
        try:
            with self.objects.open(places.removing(self.plan_id, self.part)) as left:
                self._doubtful.update(json.loads(left.read(_LARGEST)))
        except NoObjectError:
            return

    def announce(self, lines: Iterable[int]) -> None:
        """Write down what is about to be removed; what was announced before is done with."""
        if about := set(lines):
            content = json.dumps(sorted(self._doubtful | about)).encode()
            key = places.removing(self.plan_id, self.part)
            self.objects.put(key, content, places.JSON_TYPE)

    def settle(self, line: int, *, is_doubtful: bool) -> None:
        """Take note of what became of a line, which is kept later, if this run lives."""
        if is_doubtful:
            self._doubtful.add(line)
        else:
            self._doubtful.discard(line)

    def is_doubtful(self, line: int) -> bool:
        """Whether an earlier run may have begun the removal of a line."""
        return line in self._doubtful
