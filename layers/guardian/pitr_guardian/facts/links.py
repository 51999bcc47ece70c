"""Links into AWS's console: to a table, to the call that a trail recorded, to an object.

How the console's own pages are addressed is written nowhere; a link that leads astray one day
costs a click, and what it says is in the text as well. Where the console lives is known of the
public partitions, China and GovCloud (AWS general reference; the others have no links).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pitr_guardian.basics.model import mapping

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_EVENT = re.compile(r"[A-Za-z0-9-]{1,100}")
_OBJECT = re.compile(r"s3://([a-z0-9.-]{3,63})/([A-Za-z0-9/_.=-]{1,500})")
_WITHOUT_CONSOLE = ("us-iso", "eu-iso", "eusc-")


def links_of(
    detail_type: str, detail: Mapping[str, Any], region: str | None
) -> Iterator[tuple[str, str]]:
    """Name and address of each page that says more.

    Args:
        detail_type: the fact's detail-type.
        detail: its detail.
        region: where it was told, of which its reports are.
    """
    table, actor = mapping(detail.get("table")), mapping(detail.get("actor"))
    where = table.get("region")
    if detail_type != "Table Deleted" and _fits(_TABLE, table.get("name")):
        yield from _page(
            "Table in the console", where, f"dynamodbv2/home#table?name={table['name']}"
        )
    if _fits(_EVENT, actor.get("eventId")):
        yield from _page(
            "Call in CloudTrail", where, f"cloudtrailv2/home#/events/{actor['eventId']}"
        )
    for field in ("reportUri", "planUri", "evidenceUri"):
        uri = detail.get(field)
        found = _OBJECT.fullmatch(uri) if isinstance(uri, str) else None
        if found:
            bucket, key = found.groups()
            name = f"{field.removesuffix('Uri').capitalize()} in the console"
            yield from _page(name, region, f"s3/object/{bucket}?prefix={quote(key, safe='')}")


def _page(name: str, region: object, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        return
    host = _host(region)
    if host is None:
        return
    path, _, place = path.partition("#")
    join = "&" if "?" in path else "?"
    address = f"https://{host}/{path}{join}region={region}"
    yield name, f"{address}#{place}" if place else address


def _host(region: str) -> str | None:
    if region.startswith(_WITHOUT_CONSOLE):
        return None
    if region.startswith("cn-"):
        return "console.amazonaws.cn"
    if region.startswith("us-gov-"):
        return "console.amazonaws-us-gov.com"
    return f"{region}.console.aws.amazon.com"


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
