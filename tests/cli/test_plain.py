"""What others wrote is safe to print."""

from __future__ import annotations

from hypothesis import given, strategies as st

from pitr_guardian_cli.terminal.plain import plain


@given(st.text())
def test_whatever_it_is_it_steers_no_terminal_and_stays_on_its_line(text: str) -> None:
    told = plain(text)
    assert told.isprintable()


def test_words_stay_as_they_are() -> None:
    assert plain("Größe 5 µs, [red] and :smile:") == "Größe 5 µs, [red] and :smile:"


def test_an_escape_sequence_can_be_seen() -> None:
    assert plain("\x1b[2Jgone\u202e") == "\\u001b[2Jgone\\u202e"
