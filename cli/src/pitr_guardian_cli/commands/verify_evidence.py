"""`verify-evidence`: is all evidence of drills as it was written?"""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli.aws.evidence import BrokenChainError, Piece, walked
from pitr_guardian_cli.command import command
from pitr_guardian_cli.commands.drill import possible
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage

_SHORTEST, _LONGEST = 12, 64
"""Digits of a hash that is given; its beginning is enough."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "verify-evidence")(verify)


def verify(
    here: Here,
    known: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SHA-256]…",
            help="Hashes of evidence that you have kept, from alerts for instance.",
            show_default=False,
        ),
    ] = None,
) -> Exit:
    """Walk the chain of evidence from its head to its first piece, and check each hash.

    The head is in the guardian's ledger. Who could change that could change the whole chain: so
    give a hash that you have kept elsewhere, and it must be found in the chain.

    \b
    All of it:
      pitr-guardian verify-evidence
    And an alert of last year told this hash:
      pitr-guardian verify-evidence 9f86d081884c7d65
    """
    possible(here)
    wanted = [each.lower() for each in known or ()]
    for each in wanted:
        if not _SHORTEST <= len(each) <= _LONGEST or not set(each) <= set("0123456789abcdef"):
            raise wrong_usage(
                f"{each} is no SHA-256", "give its hexadecimal digits, the first 12 at least"
            )
    bucket = here.stack.output("EvidenceBucketName")
    head = here.ledger.record("evidence", "head")
    pieces: list[Piece] = []
    problem = None
    try:
        if head is not None:
            newest = str(head.get("bucket") or bucket), str(head["key"]), str(head["sha256"])
            pieces.extend(walked(here.door.s3, *newest))
    except BrokenChainError as broken:
        problem = str(broken)
    missing = [
        each for each in wanted if not any(piece.sha256.startswith(each) for piece in pieces)
    ]
    if problem is None and missing:
        problem = f"no piece of the chain has the SHA-256 {', '.join(missing)}"
    _tell(here, pieces, problem)
    if problem is not None:
        raise Problem(
            f"the evidence isn't as it was written: {problem}",
            remedy="earlier versions of an object are kept in the bucket; the trail tells who "
            "wrote it (docs/drills.md)",
        )
    return Exit.DONE


def _tell(here: Here, pieces: list[Piece], problem: str | None) -> None:
    if here.as_json:
        here.print_json(
            {
                "version": "1",
                "intact": problem is None,
                "problem": problem,
                "pieces": [
                    {
                        "key": piece.key,
                        "sha256": piece.sha256,
                        "drillId": piece.document.get("drillId"),
                        "outcome": piece.document.get("outcome"),
                    }
                    for piece in pieces
                ],
            }
        )
    elif problem is None and pieces:
        count = f"{len(pieces):,} piece{'' if len(pieces) == 1 else 's'}"
        here.out.print(f"{count} of evidence, each as it was written.")
        here.out.print(f"The newest: {pieces[0].key}, SHA-256 {pieces[0].sha256}", soft_wrap=True)
    elif problem is None:
        here.out.print("There is no evidence yet.")
