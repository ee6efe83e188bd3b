"""One at a time for an order that is told of twice at once.

The unique constraint would stop the second one too, but by an error, and it knows
nothing of refunds that wait for their order. A batch takes its locks in rising order,
so that two batches cannot wait for each other; keys share a fixed number of locks,
so that a batch of any size stays within the database's lock table.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from django.db import connection

SPACE = 0x6F726472  # this use of advisory locks among others
LOCKS = 256


def hold(keys: Iterable[tuple[str, str]]) -> None:
    """Keep the orders to this transaction until it ends."""
    numbers = sorted({crc32("\x1f".join(key).encode()) % LOCKS for key in keys})
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, number) from unnest(%s::int[]) as number",
            [SPACE, numbers],
        )
