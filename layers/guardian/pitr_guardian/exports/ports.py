"""What reading a table's history needs of the world, as protocols: ``aws`` fulfils them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from pitr_guardian.basics.errors import RefusedError, TryLaterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from pitr_guardian.exports.record import Item
    from pitr_guardian.exports.window import ExportWindow
    from pitr_guardian.tables.observation import Switch
    from pitr_guardian.tables.reference import TableRef


class TooManyExportsError(TryLaterError):
    """As many exports as AWS allows at once are under way (``LimitExceededException``)."""


class WindowClosedError(RefusedError):
    """AWS doesn't take the export's instants: ``InvalidExportTimeException``; its text is AWS's."""


class HistoryGoneError(RefusedError):
    """The table is gone, or its PITR off, since the request.

    ``TableNotFoundException``, ``PointInTimeRecoveryUnavailableException``.
    """


class TokenTakenError(RefusedError):
    """The client token was used for another export (``ExportConflictException``)."""


class NoObjectError(RefusedError):
    """There is no object of that key in the bucket; the text names it."""


@dataclass(frozen=True, slots=True)
class ExportState:
    """An export as ``DescribeExport`` shows it.

    ``manifest`` is the key of ``manifest-summary.json`` (``ExportManifest``), once COMPLETED.
    ``items`` and ``bytes`` are ``ItemCount`` and ``BilledSizeBytes``; ``failure`` is
    ``FailureCode: FailureMessage`` of one that FAILED.
    """

    arn: str
    status: Literal["IN_PROGRESS", "COMPLETED", "FAILED"]
    manifest: str | None = None
    items: int = 0
    bytes: int = 0
    failure: str | None = None


class ExportStates(Protocol):
    """Exports that were started."""

    def describe(self, arn: str) -> ExportState:
        """Look how far an export is.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to, as that there is no such export.
        """


class Exports(Protocol):
    """Incremental exports to a bucket of ours, with new and old images, as DynamoDB JSON."""

    def start(self, table: TableRef, window: ExportWindow, token: str, prefix: str) -> str:
        """Start an export; the same token, table, window and prefix again is the same export.

        Args:
            table: the table.
            window: which window; its instants are whole seconds.
            token: the client token, 1 to 64 of ``A-Z a-z 0-9 -``. AWS remembers it for 8 hours.
                Beyond that time, or after ``ExportConflictException``, an export of this table with
                this window and prefix that ``ListExports`` names and isn't FAILED is ours.
            prefix: where in the bucket, without a slash at its end.

        Returns:
            the export's ARN.

        Raises:
            WindowClosedError, HistoryGoneError, TokenTakenError: as they say.
            TooManyExportsError: 300 are under way; ask again later.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class KeyedExports(Exports, Protocol):
    """Exports that may hold one key's items only, which is what they are billed by then.

    The prefix of each is its own: AWS tells exports with one window and prefix apart by nothing
    else.
    """

    def start_of_key(
        self, table: TableRef, window: ExportWindow, key: Item, token: str, prefix: str
    ) -> str:
        """Start an incremental export, as ``start`` does, of items with this key or part of it."""

    def start_at(self, table: TableRef, at: datetime, key: Item, token: str, prefix: str) -> str:
        """Start a full export, as ``start`` does, of such items as they were at a whole second."""


class History(Protocol):
    """How far back, and up to when, tables' histories go, by AWS's clock."""

    def switch_of(self, table: TableRef) -> Switch | None:
        """Tell a table's PITR and window (``DescribeContinuousBackups``); None where it is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
        """


class ReadableObjects(Protocol):
    """Objects of a bucket, to read."""

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Open an object as a stream of its bytes; it is not held in memory.

        Raises:
            NoObjectError: there is none.
            TryLaterError: throttled, or a fault on AWS's side.
        """

    def keys_under(self, prefix: str) -> Iterator[str]:
        """List the keys that begin with a prefix, in the order of their bytes."""


class Objects(ReadableObjects, Protocol):
    """Objects of a bucket, to read and write."""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Write a small object, over whatever was there."""

    def put_file(self, key: str, file: BinaryIO, content_type: str) -> None:
        """Write an object from an open file of any size, from its beginning."""

    def writer(self, key: str, content_type: str) -> AbstractContextManager[BinaryIO]:
        """Write an object of any size piece by piece (a multipart upload).

        It is there when the context ends without an exception, and not there at all otherwise.
        """
