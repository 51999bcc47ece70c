"""CloudTrail's trails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pitr_guardian.aws.errors import (
    later_if_passing,
    refused_if_final,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.sweep.trail import select_switching
from pitr_guardian.tables.reference import Place

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef


class CloudTrails:
    """``sweep.ports.Trails`` on CloudTrail."""

    def __init__(self, client_for: Callable[[Place], "CloudTrailClient"]) -> None:
        """Take the door to CloudTrail: a client for a place."""
        self._client_for = client_for

    @needs("cloudtrail:DescribeTrails", on="everything")
    def records_switching(self, place: Place) -> bool:
        """See ``sweep.ports.Trails``.

        One trail that records is enough; one that can't be read matters only where none does.
        """
        client = self._client_for(place)
        unread: list[RefusedError] = []
        with _answered():
            trails = client.describe_trails(includeShadowTrails=True)["trailList"]
        for trail in trails:
            try:
                with _answered():
                    if _records_switching(client, trail):
                        return True
            except RefusedError as error:
                unread.append(error)
        if unread:
            raise unread[0]
        return False


@needs("cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", on="trail")
def _records_switching(client: "CloudTrailClient", trail: "TrailTypeDef") -> bool:
    # By ARN: a trail of another region, or of the organization, is not known here by its name.
    arn = trail["TrailARN"]
    if not client.get_trail_status(Name=arn)["IsLogging"]:
        return False
    if not trail.get("HasCustomEventSelectors", True):
        return True  # all management events
    chosen = client.get_event_selectors(TrailName=arn)
    return select_switching(
        [*chosen.get("EventSelectors", []), *chosen.get("AdvancedEventSelectors", [])]
    )


@contextmanager
def _answered() -> Iterator[None]:
    with refused_if_final(), later_if_passing():
        yield
