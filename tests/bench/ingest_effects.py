"""The same batch with all that follows: facts, stores, categories, tiers, points.

The floor is `ingest_bulk`'s work: the orders written for their members, and no more.
"""

from __future__ import annotations

from apps.core.memory import without_collection
from apps.orders import services as orders
from apps.orders.services import intake
from tests.bench import batches, database
from tests.bench.harness import Row, compare

SOURCE = "bench-effects"


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return the rate with effects over that without."""
    database.fill(members)
    batches.rule()
    told = batches.batch(SOURCE, members)

    def work() -> None:
        answers = orders.record(told, now=database.NOW)
        assert all(answer.status == "new" for answer in answers)

    def floor() -> None:
        with without_collection():
            taken = intake.take_in(told, now=database.NOW)
        assert len(taken.added) == len(told)

    return [
        compare(
            f"ingest_effects, {len(told)} orders",
            batches.undone(work),
            batches.undone(floor),
            target=">= 0.5 of the rate",
            pairs=pairs,
            is_rate=True,
        )
    ]
