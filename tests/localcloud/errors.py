"""Expecting the error that AWS answers with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, says: str = "") -> Iterator[None]:
    """The block ends with this error code of the service, and no other, and a text with this."""
    with pytest.raises(ClientError) as raised:
        yield
    assert raised.value.response["Error"]["Code"] == code, raised.value
    assert says in raised.value.response["Error"]["Message"]
