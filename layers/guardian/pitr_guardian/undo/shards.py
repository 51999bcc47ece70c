"""Shards: how many there are, and which key belongs to which."""

import hashlib

_ITEMS_A_SHARD, _BYTES_A_SHARD, _MOST_SHARDS = 20_000, 128 * 2**20, 256
"""A shard is joined on a function's disk; a function that deals out keeps a file for each."""


def shards_for(items: int, size: int) -> int:
    """How many shards to deal so many items, of so many bytes, out to."""
    wanted = max(-(-items // _ITEMS_A_SHARD), -(-size // _BYTES_A_SHARD), 1)
    return min(wanted, _MOST_SHARDS)


def shard_of(key: str, shards: int) -> int:
    """The number of the shard that a key belongs to, given as ``key_text`` writes it."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % shards
