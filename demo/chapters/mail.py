"""What a subscriber has read all along: the alerts, as e-mails."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.panel import Panel
from rich.text import Text

from ..narration import Narrator
from ..world import World
from . import REACTION_SECONDS


def alerts_are_read(tell: Narrator, world: World) -> None:
    tell.chapter("What the subscriber has read")
    world.calm_down(tell, REACTION_SECONDS)
    for alert in world.inbox.read():
        subject = Text.assemble("Subject: ", (alert.subject, "bold"))
        body = Text.assemble(subject, "\n\n", Text(alert.text))
        tell.show(Panel(body, box=box.ROUNDED, border_style="dim"))

    alerts = world.inbox.alerts
    often = Counter(alert.detail["id"] for alert in alerts).most_common(1)
    tell.claim(
        "Nothing was told twice",
        all(times == 1 for _, times in often),
        f"{len(alerts)} alerts, at most {often[0][1] if often else 0} of each happening",
    )
    queued = world.queued()
    tell.claim(
        "Nothing was left unhandled",
        not any(queued.values()),
        ", ".join(f"{count} in {name}" for name, count in queued.items()),
    )
