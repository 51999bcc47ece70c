"""Writes docs/permissions.md."""

from __future__ import annotations

from tests.infrastructure.rights.page import PAGE, written

PAGE.write_text(written())
