"""The documents link to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.infrastructure.stack import ROOT

DOCUMENTS = [
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "localcloud", ROOT / "events")
    for path in sorted(folder.glob("*.md"))
]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    words = (
        re.sub(r"[^\w\- ]", "", heading.lower())
        for heading in _HEADING.findall(document.read_text())
    )
    return {word.replace(" ", "-") for word in words}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_leads_somewhere(document: Path) -> None:
    for link in _LINK.findall(document.read_text()):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link
