"""Evidence is a chain: each piece names the hash of the one before.

Who keeps one hash from anywhere can tell whether anything before it was changed since.
"""

import hashlib
import json
from typing import Any

from pitr_guardian.basics.model import StoredModel

GENESIS = "0" * 64
"""What the first piece names for the hash before it."""


class Link(StoredModel):
    """A piece of evidence: its object's key in its bucket, and the SHA-256 of its bytes."""

    key: str | None
    """None of what is before the first."""
    sha256: str
    bucket: str | None = None
    """A stack whose drills were off for a while has another one since, and the chain goes on."""


FIRST = Link(key=None, sha256=GENESIS)


def canonical(document: dict[str, Any]) -> bytes:
    """Write a document in the one way that its hash is of: sorted, without blanks, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace") + b"\n"


def sha256_of(content: bytes) -> str:
    """The hash of a piece."""
    return hashlib.sha256(content).hexdigest()
