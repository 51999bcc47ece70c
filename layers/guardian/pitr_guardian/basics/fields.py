"""The fields of somebody's request, as far as they can be read at all."""

import json
from collections.abc import Mapping
from typing import Any

from pitr_guardian.basics.legible import well_formed


class NoFieldsError(ValueError):
    """A request isn't a JSON object; the text says so, and what to do."""


def fields_of(detail: object) -> dict[str, Any]:
    """Read a request's fields, as Unicode: JSON can hold halves of characters.

    Raises:
        NoFieldsError: it has none.
    """
    if not isinstance(detail, Mapping):
        raise NoFieldsError("detail: this is no JSON object; give the request's fields in one")
    try:
        written = json.dumps(detail, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise NoFieldsError(f"detail: this is no JSON that can be read ({problem})") from problem
    fields: dict[str, Any] = json.loads(well_formed(written))
    return fields
