"""What is recorded of a restore, from its acceptance on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian.restore.order import Order
from pitr_guardian.restore.ports import (
    NotUnderWayError,
    RestoreRecords,
)


@dataclass(frozen=True, slots=True)
class RestoreRecord:
    """A restore as the ledger knows it.

    ``called_at`` is when AWS was asked for it, ``outcome`` ``completed`` or ``failed``, and
    ``answer`` the detail of the fact that tells so; all three are None until then.
    """

    order: Order
    called_at: datetime | None = None
    outcome: str | None = None
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Warrants:
    """Lets the workflow's functions act for restores that were accepted, and for no others.

    Whoever may invoke a function may hand any order over, and could put what they like on any
    table that the function's role reaches.
    """

    ledger: RestoreRecords

    def confirm(self, order: Order) -> Order:
        """Give the order back where it is under way as it stands.

        Raises:
            NotUnderWayError: it isn't.
        """
        record = self.ledger.record_of(order.request.request_id)
        if record is None or record.outcome is not None or record.order != order:
            raise NotUnderWayError(
                f"no restore {order.request.request_id} from {order.source.arn} to "
                f"{order.target.arn} is under way"
            )
        return order
