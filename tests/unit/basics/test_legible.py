"""What somebody else wrote, in one line and with nothing hidden in it."""

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.legible import (
    legible,
    well_formed,
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "Zo\u00eb \u00b7 \u65e5\u672c\u8a9e \U0001f9ea",
            "Zo\u00eb \u00b7 \u65e5\u672c\u8a9e \U0001f9ea",
        ),
        ("one\ntwo\r\nthree\tfour", "one two three four"),
        ("user\u202egnp.exe", "user\ufffdgnp.exe"),
        ("a\x1b[2Jb\x07", "a\ufffd[2Jb\ufffd"),
        ("a\u200bb\ufeffc\u00add", "a\ufffdb\ufffdc\ufffdd"),
        ("a\u2028b\x85c\rd", "a\ufffdb\ufffdc\ufffdd"),
        ("a\ud800b\ufffe", "a\ufffdb\ufffd"),
    ],
    ids=["scripts", "lines", "direction", "terminal", "invisible", "separators", "no characters"],
)
def test_a_text_is_shown_as_it_is(written: str, shown: str) -> None:
    assert legible(written) == shown


def test_only_halves_of_characters_are_not_well_formed() -> None:
    assert well_formed("a\ud800\x00\n\u202e") == "a\ufffd\x00\n\u202e"


@given(st.text(st.characters() | st.sampled_from("\r\n")), st.integers(1, 50))
def test_a_text_is_never_longer_than_it_may_be(text: str, longest: int) -> None:
    for write in (legible, well_formed):
        whole, written = write(text), write(text, longest)
        assert written == (whole if len(whole) <= longest else f"{whole[: longest - 1]}\u2026")
    assert legible(text).isprintable()
