"""Text that somebody else wrote, made fit to be passed on and to be read."""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_BREAKS = str.maketrans({"\n": " ", "\t": " "})


def well_formed(text: str, longest: int | None = None) -> str:
    """Keep a text as it is, as far as it is Unicode; JSON can hold halves of characters.

    Args:
        text: the text.
        longest: how many characters to keep, at most.
    """
    return _cut(_LONE_SURROGATE.sub(_UNKNOWN, text), longest)


def legible(text: str, longest: int | None = None) -> str:
    """Write a text in one line, as it is and not as it wants to be seen.

    Control, direction and invisible characters could make a name look like another one, forge a
    line of an e-mail or steer a terminal; they become a sign. Line breaks become spaces.

    Args:
        text: the text.
        longest: how many characters to keep, at most.
    """
    if longest is not None:
        # Two signs become one at most: more than that can't be seen, however much there is.
        text = text[: 2 * (longest + 1)]
    if not text.isprintable():
        text = text.replace("\r\n", "\n").translate(_BREAKS)
        text = "".join(sign if sign.isprintable() else _UNKNOWN for sign in text)
    return _cut(text, longest)


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"
