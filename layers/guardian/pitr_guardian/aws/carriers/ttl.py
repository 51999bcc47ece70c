"""Time to live."""

import json
import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.restore.ports import (
    BY_NAME,
    CantGoAlongError,
    Kept,
    MoreToDoError,
)
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import TableRef

_ON = ("ENABLED", "ENABLING")
# Developer guide, "Computing Time to Live": what expired more than five years ago is let alone.
_LET_ALONE_AFTER = timedelta(days=5 * 365)
_MOST_PAGES = 10  # of 1 MB, which Scan gives at once; each is some 128 read units, half for this


class TtlCarrier:
    """Carries the attribute that items expire by, unless it would eat what was just restored."""

    setting = Setting.TTL

    def __init__(self, client_for: ClientFor, clock: Callable[[], datetime] = utc_now) -> None:
        """Take the door to DynamoDB, and a clock."""
        self._client_for = client_for
        self._clock = clock

    @needs("dynamodb:DescribeTimeToLive", on="table")
    def read(self, source: TableRef) -> Kept | None:
        """See ``restore.ports.Carrier``."""
        with later_if_passing():
            answer = self._client_for(source).describe_time_to_live(TableName=source.arn)
        description = answer["TimeToLiveDescription"]
        if description.get("TimeToLiveStatus") not in _ON:
            return None
        return {"attribute": description["AttributeName"]}

    @needs("dynamodb:UpdateTimeToLive", on="table")
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``ports.Carrier``. A wrong timestamp may be the very accident that is undone."""
        attribute = kept["attribute"]
        if self.read(target) == {"attribute": attribute}:
            return None  # setting the same again is a ValidationException
        if not kept.get(BY_NAME):
            self._refuse_to_eat(kept, target)
        with later_if_passing("ResourceInUseException"):
            self._client_for(target).update_time_to_live(
                TableName=target.arn,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
            )
        return None

    def _refuse_to_eat(self, kept: Kept, target: TableRef) -> None:
        """Look for items that have expired by now, as far as a few pages go.

        Raises:
            CantGoAlongError: there are some, or there is more to read.
            MoreToDoError: DynamoDB is busy, and part of it is read.
            TryLaterError: DynamoDB is busy.
        """
        now = self._clock()
        cursor = kept.get("cursor", {})
        first, start = cursor.get("pages", 0), cursor.get("startKey")
        for page in range(first, _MOST_PAGES):
            try:
                count, start = self._expired_in(target, kept["attribute"], now, start)
            except TryLaterError as busy:
                if page == first or start is None or not _as_json_takes_it(start):
                    raise
                going_on = {"pages": page, "startKey": start}
                raise MoreToDoError(going_on, page, _MOST_PAGES) from busy
            if count:
                raise CantGoAlongError(
                    f"items have expired already (at least {count}) and would be deleted within "
                    f"days; {_by_hand(kept['attribute'], target)}"
                )
            if not start:
                return
        raise CantGoAlongError(
            "the table is too large to be sure that no item has expired already, and would be "
            f"deleted within days (the first {_MOST_PAGES} MB have none); "
            f"{_by_hand(kept['attribute'], target)}"
        )

    @needs("dynamodb:Scan", on="table")
    def _expired_in(
        self, target: TableRef, attribute: str, now: datetime, start: Any
    ) -> tuple[int, Any]:
        bounds = {":least": now - _LET_ALONE_AFTER, ":now": now}
        values: dict[str, Any] = {
            name: {"N": str(int(bounds[name].timestamp()))} for name in bounds
        }
        with later_if_passing():
            answer = self._client_for(target).scan(
                TableName=target.arn,
                Select="COUNT",
                FilterExpression="attribute_type(#ttl, :number) AND #ttl BETWEEN :least AND :now",
                ExpressionAttributeNames={"#ttl": attribute},
                ExpressionAttributeValues=values | {":number": {"S": "N"}},
                **({"ExclusiveStartKey": start} if start else {}),
            )
        return answer["Count"], answer.get("LastEvaluatedKey")


def _as_json_takes_it(key: dict[str, Any]) -> bool:
    return all("B" not in value for value in key.values())


def _by_hand(attribute: str, target: TableRef) -> str:
    specification = shlex.quote(json.dumps({"Enabled": True, "AttributeName": attribute}))
    return (
        "to put it back: aws dynamodb update-time-to-live "
        f"--region {target.region} --table-name {target.name} "
        f'--time-to-live-specification {specification}; or name it in the request ("settings": '
        '["ttl", ...]) next time'
    )
