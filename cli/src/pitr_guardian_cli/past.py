"""What happened, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pitr_guardian_cli.aws.ledger import RestoreRecord
    from pitr_guardian_cli.here import Here


def restore_row(here: Here, restore: RestoreRecord) -> Sequence[object]:
    """A restore: when, which, from, to, as of, answer."""
    request = restore.request
    return (
        here.shown(restore.accepted_at),
        restore.request_id,
        request.get("sourceTable"),
        request.get("targetTable"),
        request.get("restoreTo"),
        restore.answer.detail_type if restore.answer else "under way",
    )
