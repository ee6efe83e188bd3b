"""Run two pieces of work in turn and tell how many times the one is the other.

Absolute times move from machine to machine and from minute to minute; a ratio of two
medians, taken A B A B in one process, does not. How work grows with the brand is told
in the processor's time, ours and our database session's, for the same reason.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

from django.db import connection

Work = Callable[[], Any]
# How steeply a bench may grow with the brand: 1 is as the brand grows, 0 not at all.
SLOPES = {
    "ingest_bulk": 0.1,
    "ingest_effects": 0.15,
    "ingest_one": 0.1,
    "credit": 1.05,
    "tiers": 1.1,
    "inbox": 0.1,
    "member_page": 0.1,
}


@dataclass(frozen=True)
class Row:
    """One benchmark: the work, its floor, and the ratio of their medians.

    Times are seconds of a call; `ratio` is work / floor, or floor / work where the
    row is about rates (`is_rate`): then 1.0 means as fast as the floor. `processor` is
    the processor's seconds of the work, the mean of its calls.
    """

    name: str
    work: float
    floor: float
    ratio: float
    target: str
    pairs: int
    processor: float = 0.0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the row for printing."""
        return asdict(self)


def compare(
    name: str,
    work: Work,
    floor: Work,
    *,
    target: str,
    pairs: int = 7,
    is_rate: bool = False,
    clock: Callable[[], float] = time.perf_counter,
    warm: bool = True,
    note: str = "",
) -> Row:
    """Run `work` and `floor` in turn, after one warm-up each, and return their row.

    Pass `processor` as the clock where the processor's time is what counts. Work of
    minutes needs no warm-up.
    """
    if warm:
        work(), floor()
    works: list[float] = []
    floors: list[float] = []
    spent = 0.0
    for _pair in range(pairs):
        before = processor()
        works.append(_timed(work, clock))
        spent += processor() - before
        floors.append(_timed(floor, clock))
    a, b = statistics.median(works), statistics.median(floors)
    ratio = b / a if is_rate else a / b
    return Row(name, a, b, round(ratio, 3), target, pairs, spent / pairs, note)


def processor() -> float:
    """Return the seconds of processor that we and our database session have used."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():  # the database is on another machine: we alone are counted
        return time.process_time()
    user, system = stat.read_text().rsplit(")", 1)[1].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _timed(work: Work, clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


@dataclass(frozen=True)
class Growth:
    """How a row's work grows with the brand: processor's seconds by the brand's size.

    `slope` is that of the straight line nearest to all sizes, where both are taken as
    logarithms, `steps` those from one size to the next; `limit` is what `slope` may be.
    """

    name: str
    times: Mapping[int, float]
    slope: float
    steps: Sequence[float]
    limit: float | None

    @property
    def is_within(self) -> bool:
        """Tell whether the slope keeps to its limit, if it has one."""
        return self.limit is None or self.slope <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return the growth for printing."""
        return asdict(self)


def growth(runs: Mapping[int, Sequence[Row]]) -> list[Growth]:
    """Return how each row's work grows over the sizes; nothing of a single size."""
    if len(runs) < 2:
        return []
    works: dict[str, dict[int, float]] = {}
    for size in sorted(runs):
        for row in runs[size]:
            works.setdefault(row.name, {})[size] = row.processor
    return [_growth(name, times) for name, times in works.items()]


def _growth(name: str, times: Mapping[int, float]) -> Growth:
    # The database session is counted in hundredths of a second.
    points = [(log(size), log(max(spent, 0.001))) for size, spent in times.items()]
    line = statistics.linear_regression(*zip(*points, strict=True))
    steps = [round((d - b) / (c - a), 3) for (a, b), (c, d) in pairwise(points)]
    limit = SLOPES.get(name.partition(",")[0].partition(" ")[0])
    return Growth(name, times, round(line.slope, 3), steps, limit)
