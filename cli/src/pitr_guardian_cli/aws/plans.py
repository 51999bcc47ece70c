"""Plans of undos in their bucket: the summary, some items, the page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian_cli.facts import Fact

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SAMPLES = 10
_HEAD = 1_048_576
"""Bytes of a plan's items that are read for its samples; items have up to 400 KB."""


@dataclass(frozen=True)
class Summary:
    """What is shown of a plan beside its counts: what is planned, the key, and why."""

    samples: Sequence[tuple[str, str, str]]


def summary(client: S3Client, planned: Fact) -> Summary:
    """Read a plan's samples; none where they can't be read: the plan can be judged without."""
    bucket, key = _place(planned.text("planUri"))
    try:
        told = json.loads(_read(client, bucket, key.rpartition("/")[0] + "/summary.json"))
        head = _read(client, *_place(planned.text("itemsUri")), f"bytes=0-{_HEAD - 1}")
    except (ClientError, ValueError):
        return Summary([])
    return Summary(samples(told.get("samples", []), head))


def samples(keys: Sequence[Any], head: bytes) -> list[tuple[str, str, str]]:
    """Tell what is planned for some items.

    Args:
        keys: those that the plan's summary names.
        head: how the plan's items begin: a JSON object a line, of which the last may be cut.
    """
    known = {}
    for line in head.split(b"\n"):
        try:
            item = json.loads(line)
        except ValueError:
            continue
        known[_written(item["key"])] = (item.get("planned", ""), item.get("why") or "")
    found = []
    for each in keys[:_SAMPLES]:
        key = _written(each)
        planned, why = known.get(key, ("", ""))
        found.append((planned, key, why))
    return found


def page(client: S3Client, uri: str) -> Path:
    """Fetch a page into a file that nobody else can read."""
    body = _read(client, *_place(uri))
    with tempfile.NamedTemporaryFile(
        prefix="pitr-guardian-undo-", suffix=".html", delete=False
    ) as file:
        file.write(body)
    return Path(file.name)


def _place(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _read(client: S3Client, bucket: str, key: str, part: str | None = None) -> bytes:
    if part is None:
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return client.get_object(Bucket=bucket, Key=key, Range=part)["Body"].read()


def _written(key: Any) -> str:
    """An item's key in a few characters: ``id=17, at=2026``."""
    if not isinstance(key, dict):
        return str(key)
    parts = [(name, next(iter(value.values()), "")) for name, value in key.items()]
    return ", ".join(f"{name}={value}" for name, value in parts)
