"""A till's file of orders, taken in as `manage.py import_orders` does, beside the API.

The floor records the same orders as the API does, from memory, without a file: reading,
staging and telling of each row is what the file costs on top. Both must leave the same
rows. The file stays in the var folder under `bench/`; with BENCH_LINES=1000000 it is
the one that one command is to take in within 500 MB.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path

from django.core.files import File

from apps.imports import kinds
from apps.imports import services as imports
from apps.imports.models import ImportJob
from apps.orders import services as orders
from config import env
from tests.bench import batches, database, order_file
from tests.bench.harness import Row, compare

LINES = int(os.environ.get("BENCH_LINES", "20000"))
OPTIONS = {"source": order_file.SOURCE, "channel": "store", "paid": "yes"}
# A file of so many lines takes minutes: it needs no warm-up.
LONG = 200_000


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return what a file costs over its orders, and the most memory it took."""
    database.fill(members)
    folder = env.VAR_DIR / "bench"
    path = order_file.write(folder / f"orders-{LINES}-{members}.csv", LINES, members)

    def work() -> None:
        job = take(path)
        assert (job.state, job.rejected) == (ImportJob.State.DONE, 0)

    def floor() -> None:
        sold = (sale.told() for sale in order_file.sales(LINES, members))
        orders.record_stream(sold, now=database.NOW, report=lambda _answers: None)

    by_file = _told_after(work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert by_file == _told_after(floor)
    row = compare(
        f"import_orders, {LINES} lines",
        batches.undone(work),
        batches.undone(floor),
        target="<= 2",
        pairs=pairs,
        warm=LINES < LONG,
        note=f"at most {peak} MB",
    )
    return [row]


def take(path: Path) -> ImportJob:
    """Take the file in, batch by batch, and throw away what was kept of it."""
    with path.open("rb") as file:
        job = imports.upload(
            File(file, path.name),
            kind=kinds.named("orders"),
            by=None,
            now=database.NOW,
        )
    job = imports.map_columns(job, job.mapping, OPTIONS)
    imports.start(job, by=None, now=database.NOW)
    while imports.advance(job.pk, now=database.NOW):
        continue
    job.refresh_from_db()
    job.file.delete(save=False)
    return job


def _told_after(work: Callable[[], None]) -> list[tuple[object, ...]]:
    with batches.taken_back():
        work()
        return batches.told(order_file.SOURCE)
