"""CloudTrail: without a trail that logs, the guardian hears of nothing between two sweeps."""

from __future__ import annotations

from collections.abc import Iterator

from pitr_guardian_cli.checks.finding import Finding, fine, wrong
from pitr_guardian_cli.here import Here


def swept_regions(here: Here) -> list[str]:
    """The regions that the guardian sweeps, its own first."""
    further = here.stack.parameter("SweepRegions").split(",")
    named = [here.stack.region, *(region.strip() for region in further)]
    return list(dict.fromkeys(region for region in named if region))


def trails(here: Here) -> Iterator[Finding]:
    """Whether a trail logs in each region that is swept, and what the last sweep saw there."""
    report = here.latest_report()
    seen = {each.get("region"): each.get("trail") for each in report.regions} if report else {}
    for region in swept_regions(here):
        client = here.door.cloudtrail(region)
        found = [trail["TrailARN"] for trail in client.describe_trails()["trailList"]]
        logging = [arn for arn in found if client.get_trail_status(Name=arn)["IsLogging"]]
        if not found:
            yield wrong(
                "trail",
                f"no trail covers {region}: only the sweep protects it, and alerts name nobody",
                "aws cloudtrail create-trail --name management-events --is-multi-region-trail "
                "--s3-bucket-name BUCKET, then start-logging (docs/operations.md, `Without a "
                "trail`)",
            )
        elif not logging:
            yield wrong(
                "trail",
                f"no trail logs in {region}: {', '.join(found)} is switched off",
                f"aws cloudtrail start-logging --name {found[0]} --region {found[0].split(':')[3]}",
            )
        elif seen.get(region) == "missing":
            yield wrong(
                "trail",
                f"a trail logs in {region}, but none logs management events that write",
                f"aws cloudtrail get-event-selectors --trail-name {logging[0]} shows what it logs",
            )
        else:
            yield fine("trail", f"{logging[0].rpartition('/')[2]} logs in {region}")
