"""What a run of the benchmarks found, as a page in Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import Figure

RUNS = 5
"""So many runs make a median that is worth keeping."""

_HEADINGS = ("What", "Against", "Measured", "Goal", "Reached", "Note")


def page(
    figures: Sequence[Figure],
    surroundings: Iterable[tuple[str, str]],
    runs: int,
    only: Sequence[str] = (),
) -> str:
    """Write the page; `only` names the benchmarks of a run that had not all of them."""
    title = f"# Benchmarks, {', '.join(only)} only" if only else "# Benchmarks"
    if runs < RUNS:
        title += f" (a trial: {runs} of {RUNS} runs)"
    lines = [
        title,
        "",
        f"Medians of {runs} runs on one machine, all sides of a comparison in turn; `make bench` "
        "writes this page anew.",
        "[What is measured, and how](README.md).",
        "",
        *_table(("", ""), surroundings),
        "",
        *_table(_HEADINGS, map(_cells, figures)),
    ]
    return "\n".join(lines) + "\n"


def _cells(figure: Figure) -> tuple[str, ...]:
    reached = {True: "yes", False: "**no**", None: "–"}[figure.reached]  # noqa: RUF001
    return (figure.what, figure.against, figure.measured, figure.goal, reached, figure.note)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_row(headings), _row(["---"] * len(headings)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
