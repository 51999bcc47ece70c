"""Where the objects of an undo are in the undos' bucket; the contract of its functions."""

EXPORTS, ITEMS_TYPE, PAGE_TYPE, JSON_TYPE, GZIP_TYPE = (
    "exports",
    "application/x-ndjson",
    "text/html; charset=utf-8",
    "application/json",
    "application/gzip",
)


def root(plan_id: str) -> str:
    """What all keys of an undo begin with."""
    return f"undos/{plan_id}/"


def exports(plan_id: str, account: str) -> str:
    """``S3Prefix`` of the undo's exports; a member can write nowhere else in the bucket."""
    return f"undos/{plan_id}/{EXPORTS}/{account}"


def shard(plan_id: str, number: int) -> str:
    """What the keys of a shard's objects begin with."""
    return f"undos/{plan_id}/shards/{number:04}/"


def sharded(plan_id: str, number: int, export: str, file: str) -> str:
    """A shard's changes from one data file of an export (``P`` or ``D``)."""
    return f"{shard(plan_id, number)}{export}-{file}.jsonl.gz"


def part(plan_id: str, name: str) -> str:
    """The lines of one part of a plan."""
    return f"undos/{plan_id}/parts/{name}.jsonl.gz"


def closing(plan_id: str, number: int) -> str:
    """What a shard came to: its parts, their counts and hashes."""
    return f"undos/{plan_id}/shards/{number:04}.json"


def parts_list(plan_id: str) -> str:
    """The parts of a plan that write something, as JSON Lines: ``ItemReader`` of applying."""
    return f"undos/{plan_id}/plan/parts.jsonl"


def items(plan_id: str) -> str:
    """All lines of a plan, as JSON Lines: ``itemsUri``."""
    return f"undos/{plan_id}/plan/items.jsonl"


def page(plan_id: str) -> str:
    """The plan's page: ``planUri``."""
    return f"undos/{plan_id}/plan/page.html"


def summary(plan_id: str) -> str:
    """The plan's summary for programs."""
    return f"undos/{plan_id}/plan/summary.json"


def applied_prefix(plan_id: str, name: str = "") -> str:
    """What the keys of what was done begin with: of a part, or of all of them."""
    return f"undos/{plan_id}/applied/{name}{'-' if name else ''}"


def applied(plan_id: str, name: str, offset: int) -> str:
    """What was done of a part from an offset on, by one run of the applier."""
    return f"{applied_prefix(plan_id, name)}{offset:06}.jsonl.gz"


def removing(plan_id: str, name: str) -> str:
    """Which lines of a part are about to be removed, or were when their function was killed."""
    return f"undos/{plan_id}/removing/{name}.json"


def verified_prefix(plan_id: str) -> str:
    """What the keys of the verifications begin with."""
    return f"undos/{plan_id}/verified/"


def verified(plan_id: str, name: str) -> str:
    """What became of a part, counted, and how much of it was found as planned."""
    return f"{verified_prefix(plan_id)}{name}.json"


def report(plan_id: str) -> str:
    """The page of what was done: ``reportUri``."""
    return f"undos/{plan_id}/report/page.html"


def reverted_files(plan_id: str) -> str:
    """For the plan of a ``revert``: the objects of what is to be reverted, as JSON Lines."""
    return f"undos/{plan_id}/exports/reverted-files.json"
