"""One at a time for an order that is told of twice at once, and for a member's facts.

The unique constraint would stop the second one too, but by an error, and it knows
nothing of refunds that wait for their order. A batch takes its locks in rising order,
so that two batches cannot wait for each other; keys share a fixed number of locks,
so that a batch of any size stays within the database's lock table. Members come after
the orders, for the same reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from zlib import crc32

from apps.core import statements

SPACE = 0x6F726472  # this use of advisory locks among others
MEMBERS = 0x6D656D62
LOCKS = 256
TAKE = """
    select pg_advisory_xact_lock(%(space)s::int, number)
    from unnest(%(numbers)s::int[]) as number
"""


def hold(keys: Iterable[tuple[str, str]]) -> None:
    """Keep the orders to this transaction until it ends."""
    _take(SPACE, {crc32("\x1f".join(key).encode()) % LOCKS for key in keys})


def hold_members(member_ids: Iterable[int]) -> None:
    """Keep the members' facts to this transaction until it ends.

    What is computed afterwards sees the orders of whoever held them before.
    """
    _take(MEMBERS, {pk % LOCKS for pk in member_ids})


def hold_everybody() -> None:
    """Keep all members' facts to this transaction until it ends."""
    _take(MEMBERS, range(LOCKS))


def _take(space: int, numbers: Collection[int]) -> None:
    facts = {"space": space, "numbers": sorted(numbers)}
    statements.fetch(TAKE, facts, is_small=True)
