"""A large batch of orders, told apart and matched to members, beside COPY.

The floor copies ready rows into the same tables: the same indexes and foreign keys.
"""

from __future__ import annotations

from functools import partial

from apps.core.memory import without_collection
from apps.orders.services import intake
from tests.bench import batches, database
from tests.bench.harness import Row, compare

SOURCE = "bench-bulk"


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return the rate of the intake over that of COPY."""
    database.fill(members)
    told = batches.batch(SOURCE, members)
    rows = batches.rows_of(told)

    def work() -> None:
        with without_collection():
            intake.take_in(told, now=database.NOW)

    floor = partial(batches.copy_in, rows)
    assert _sums(work) == _sums(floor)
    return [
        compare(
            f"ingest_bulk, {len(told)} orders",
            batches.undone(work),
            batches.undone(floor),
            target=">= 0.5 of the rate",
            pairs=pairs,
            is_rate=True,
        )
    ]


def _sums(work: object) -> list[tuple[object, ...]]:
    assert callable(work)
    with batches.taken_back():
        work()
        return batches.told(SOURCE)
