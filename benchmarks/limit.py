"""A sweep that may use all of a rate limit, beside that limit."""

from statistics import median

from benchmarks.deployment import AUDIT_SECONDS, audited, warm_up
from benchmarks.figures import Figure
from benchmarks.front.process import Front
from benchmarks.words import seconds

TABLES = 1_000
LATENCY = 0.01  # seconds
ALLOWED = 80  # calls a second; AWS allows 10, and would take eight times as long


def run(runs: int = 5) -> list[Figure]:
    took, throttled, failed = [], 0, 0
    with Front() as front:
        warm_up(front)
        for number in range(runs):
            front.have(TABLES, latency=LATENCY, per_second=ALLOWED)
            found = audited(front, f"limit-{number}", ALLOWED)
            took.append(found["seconds"])
            throttled += front.calls().get("throttled", 0)
            failed += TABLES - found["compliant"]
    share = TABLES / median(took) / ALLOWED
    return [
        Figure(
            what=f"sweep of {TABLES:,} tables under a limit of {ALLOWED} calls in any second, "
            "throttling beyond",
            against="the limit itself",
            measured=f"{share:.1%} of the allowed rate ({seconds(took)}); tables that failed: "
            f"{failed}; throttled calls: {throttled} of {runs * TABLES:,}",
            goal="at least 90 %, no table failed",
            reached=share >= 0.9 and not failed,
            note=f"AWS's limit is 10 a second; scaled to {ALLOWED} to keep it short, with a sweep "
            f"that may use all of it (by default 8 of 10). One stretch of {AUDIT_SECONDS} s; "
            "between two another second passes, which is 2.5 % of a longer sweep.",
        )
    ]
