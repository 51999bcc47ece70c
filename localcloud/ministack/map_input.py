"""What goes into a Distributed Map's children."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.ministack.map_fields import Fields
from localcloud.wire import Json

_LARGEST_INPUT = 256 * 1024  # "Quotas", Step Functions developer guide


@dataclass(frozen=True)
class Batch:
    """A child's input, and how many items are in it."""

    input: Any
    count: int


def batches(fields: Fields, items: Sequence[Any]) -> list[Batch]:
    """A batch for each item, or as ItemBatcher says ("ItemBatcher (Map)", developer guide).

    A batch is `{"Items": [...], "BatchInput": {...}}`.
    """
    batcher = fields.state.get("ItemBatcher")
    if not batcher:
        return [Batch(item, 1) for item in items]
    most = int(fields.number("MaxItemsPerBatch", batcher)) or len(items)
    largest = int(fields.number("MaxInputBytesPerBatch", batcher)) or _LARGEST_INPUT
    largest = min(largest, _LARGEST_INPUT)
    fixed: Json = {}
    if "BatchInput" in batcher:
        fixed = {"BatchInput": fields.evaluated(batcher["BatchInput"])}
    found: list[Batch] = []
    batch: list[Any] = []
    for item in items:
        grown = [*batch, item]
        if batch and (len(grown) > most or _size({"Items": grown, **fixed}) > largest):
            found.append(Batch({"Items": batch, **fixed}, len(batch)))
            grown = [item]
        batch = grown
    if batch:
        found.append(Batch({"Items": batch, **fixed}, len(batch)))
    return found


def rights_to_read(reader: Json, arguments: Json, config: Json) -> Iterator[tuple[str, str, Json]]:
    """Action, resource and condition keys of what an ItemReader needs ("IAM policies for using
    Distributed Map states", developer guide)."""
    bucket = f"arn:aws:s3:::{arguments.get('Bucket')}"
    if str(reader.get("Resource")).endswith("s3:listObjectsV2"):
        prefix = arguments.get("Prefix", "")
        yield "s3:ListBucket", bucket, {"s3:prefix": prefix}
        if config.get("Transformation") == "LOAD_AND_FLATTEN":
            yield "s3:GetObject", f"{bucket}/{prefix}*", {}
        return
    version = "Version" if "VersionId" in arguments else ""
    yield f"s3:GetObject{version}", f"{bucket}/{arguments.get('Key')}", {}


def _size(data: Any) -> int:
    return len(json.dumps(data, ensure_ascii=False).encode())
