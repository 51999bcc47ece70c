"""A self-contained HTML page: no request leaves it, no script but its own runs.

Whatever is shown may have been written by an attacker (tags, items, user agents, error messages).
Jinja2 escapes it, the script puts it into text nodes only, and the content security policy, which
names the page's own style and script by their hashes, forbids everything else.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_HOUSE = Path(__file__).parent / "assets"


def render(assets: Path, **shown: Any) -> str:
    """Write the page of a folder: its ``page.html.jinja``, ``page.css`` and ``page.js``.

    Args:
        assets: the folder; its template extends ``frame.html.jinja``.
        shown: what the template shows.
    """
    style, script = _own(assets)
    html: str = (
        _environment(assets)
        .get_template("page.html.jinja")
        .render(style=style, script=script, policy=_policy(style, script), **shown)
    )
    return html


@cache
def _environment(assets: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([assets, _HOUSE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


@cache
def _own(assets: Path) -> tuple[Markup, Markup]:
    """The style and the script: ours, and so not escaped."""
    style = (_HOUSE / "house.css").read_text() + (assets / "page.css").read_text()
    script = (_HOUSE / "house.js").read_text() + (assets / "page.js").read_text()
    return Markup(style), Markup(script)  # noqa: S704


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
