"""Record orders of any number, a batch at a time, in memory that does not grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

from apps.orders.rules.intake import OrderIn
from apps.orders.services import recording
from apps.orders.services.answers import Recorded

ORDERS_A_BATCH = 5_000


def record_stream(
    rows: Iterable[OrderIn],
    *,
    now: datetime,
    report: Callable[[list[Recorded]], None],
    size: int = ORDERS_A_BATCH,
) -> Counter[str]:
    """Record the orders; return how many were new, changed, unchanged or rejected.

    Each batch is a transaction of its own, after which `report` is told its answers, in
    the order of the rows: for the progress, and for the file of those refused. Killed
    in the middle, the same rows again change nothing of what was done and do the rest.
    """
    counts: Counter[str] = Counter()
    coming = iter(rows)
    while batch := list(islice(coming, size)):
        answers = recording.record(batch, now=now)
        counts.update(answer.status for answer in answers)
        report(answers)
    return counts
