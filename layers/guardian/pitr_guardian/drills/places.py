"""Where the objects of drills are in the evidence bucket, and the contract of their functions.

``statemachines/drill.asl.json`` calls the functions of ``functions/drills`` (``conclude``, which
makes pages, is in ``functions/drills/pages``) with these payloads; each has ``drillId``, none an
item or a key. What they answer is the workflow's, everything else is in the ledger and here.

===========  =====================================  ================================================
Function     Besides ``drillId``                    Answers
===========  =====================================  ================================================
greet                                               ``{"kind": "full"}`` or ``"small"``
start        ``round``                              ``{"started": false, "waitSeconds", "why"}``, or
                                                    ``{"started": true, "exports": [{"name", "arn"}
                                                    ]}``: the exports of a round
exported     ``round``, ``exports``                 ``{"done": false}``, or ``{"done": true,
                                                    "manifests": [{"name", "key"}],
                                                    "exportedBytes"}``
restore                                             ``{"restoredTo", "tableId"}``: the copy, begun
check        ``tableId``                            ``{"progress": "restoring"}``, ``"active"``,
                                                    ``"missing"``, ``"replaced"``
sample       ``manifests``                          ``{"shards": 16, "shardNumbers": [0, …],
                                                    "segments": [0, …]}``; with a number of items
                                                    it writes the keys wanted, and has no segments
read         ``segment``, ``shards``                ``{}``: a part of both tables, where all items
                                                    are compared; differing keys go into shards
search       ``round``, ``export``, ``file`` (a     ``{}``: what an exported file says of the keys
             line of the manifest), ``shards``      that are wanted
compare      ``round``, ``shard``                   ``{}``: a shard's keys, each equal, explained or
                                                    unsettled
settle       ``round``, ``shards``                  ``{"again": true, "shardNumbers": [3, 7]}``: the
                                                    shards that need another round; or ``{"again":
                                                    false}``: all was compared
structure                                           ``{}``: how the copy differs from the survey
remove                                              ``{"gone": false}``: asked for, look again; or
                                                    ``{"gone": true}``
conclude     ``removed``, ``exportedBytes``,        ``{}``: the evidence is written, and the answer
             ``error``, ``cause`` (both null        told. ``removed``: whether the copy is gone
             where nothing failed)
fail         ``removed``, ``error``, ``cause``      ``{}``: where ``conclude`` couldn't: the answer
                                                    without evidence
===========  =====================================  ================================================

A function that isn't asked for a drill under way raises ``DrillNotUnderWayError``.
"""

JSON_TYPE, LINES_TYPE, GZIP_TYPE, PAGE_TYPE = (
    "application/json",
    "application/x-ndjson",
    "application/gzip",
    "text/html; charset=utf-8",
)

FIRST_ROUND, MOST_ROUNDS = 0, 3
"""Rounds are counted from 0; what isn't settled after three doesn't match."""


def work(drill_id: str) -> str:
    """What the keys of all that a drill needs on its way begin with; gone after 7 days."""
    return f"work/{drill_id}/"


def evidence(drill_id: str, year: int, sha256: str) -> str:
    """The evidence, for programs: ``evidenceUri``. The year is that of its asking, in UTC.

    Its hash is in its name: what an attempt that came too late wrote is another object, and what is
    chained stays as it is.
    """
    return f"evidence/{year}/{drill_id}-{sha256[:12]}.json"


def page(drill_id: str, year: int, sha256: str) -> str:
    """The evidence, for people."""
    return f"evidence/{year}/{drill_id}-{sha256[:12]}.html"


def year_page(year: int) -> str:
    """What was proved in a year, and what never was."""
    return f"years/{year}.html"


def exported(drill_id: str, round_: int, name: str, account: str) -> str:
    """``S3Prefix`` of one export of a round.

    The account is the table's, and stands before anything that a request can name: members write
    their exports themselves, and the bucket's policy lets each write below its own account, with no
    wildcard before it. No drill's own work is there: what follows its id isn't an account.
    """
    return f"work/exports/{account}/{drill_id}/{round_}/{name}"


def planned(drill_id: str, round_: int) -> str:
    """What a round exports."""
    return f"work/{drill_id}/rounds/{round_}/round.json"


def billed(drill_id: str, round_: int) -> str:
    """A round's exports, and the bytes that they billed."""
    return f"work/{drill_id}/rounds/{round_}/exports.json"


def readings(drill_id: str, round_: int, name: str = "") -> str:
    """Until when a round's items were read of the live table; of all readers, without a name."""
    return f"work/{drill_id}/rounds/{round_}/read/{name}{'.json' if name else ''}"


def partition(drill_id: str) -> str:
    """The partition key's value that a small drill proves."""
    return f"work/{drill_id}/partition.json"


def shard(drill_id: str, number: int) -> str:
    """What the keys of all that is known of a shard's items begin with."""
    return f"work/{drill_id}/shards/{number:04}/"


def read(drill_id: str, number: int, round_: int, name: str) -> str:
    """What was read of a shard's items."""
    return f"{shard(drill_id, number)}read/{round_}-{name}.jsonl.gz"


def found(drill_id: str, number: int, export: str, file: str) -> str:
    """What a file of an export says of a shard's items."""
    return f"{shard(drill_id, number)}found/{export}-{file}.jsonl.gz"


def looked(drill_id: str, number: int, round_: int) -> str:
    """What became of a shard's items in a round."""
    return f"work/{drill_id}/rounds/{round_}/looked/{number:04}.json"


def left_open(drill_id: str, number: int, round_: int) -> str:
    """A shard's items that are open after a round."""
    return f"work/{drill_id}/rounds/{round_}/open/{number:04}.jsonl.gz"


def round_looked(drill_id: str, round_: int) -> str:
    """What became of all items in a round."""
    return f"work/{drill_id}/rounds/{round_}/looked.json"


def proof(drill_id: str) -> str:
    """What was proved of the items, when all was compared."""
    return f"work/{drill_id}/proof.json"


def differences(drill_id: str) -> str:
    """How the copy's structure differs from the survey."""
    return f"work/{drill_id}/structure.json"
