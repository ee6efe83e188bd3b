"""Run two pieces of work in turn and tell how many times the one is the other.

Absolute times move from machine to machine and from minute to minute; a ratio of two
medians, taken A B A B in one process, does not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One benchmark: the work, its floor, and the ratio of their medians.

    Times are seconds of a call; `ratio` is work / floor, or floor / work where the
    row is about rates (`is_rate`): then 1.0 means as fast as the floor.
    """

    name: str
    work: float
    floor: float
    ratio: float
    target: str
    pairs: int

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
) -> Row:
    """Run `work` and `floor` in turn, after one warm-up each, and return their row.

    Pass `time.process_time` as the clock where the processor's time is what counts.
    """
    work(), floor()
    works: list[float] = []
    floors: list[float] = []
    for _pair in range(pairs):
        works.append(_timed(work, clock))
        floors.append(_timed(floor, clock))
    a, b = statistics.median(works), statistics.median(floors)
    ratio = b / a if is_rate else a / b
    return Row(name, a, b, round(ratio, 3), target, pairs)


def _timed(work: Work, clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def growth(runs: Mapping[int, Sequence[Row]]) -> dict[str, list[float]]:
    """Return how each row's work grows with the brand, from one size to the next.

    A slope of 1 is as the size grows, 0 not at all: log of times over log of sizes.
    """
    sizes = sorted(runs)
    works = {size: {row.name: row.work for row in runs[size]} for size in sizes}
    return {
        name: [
            round(log(works[b][name] / works[a][name]) / log(b / a), 3)
            for a, b in pairwise(sizes)
        ]
        for name in works[sizes[0]]
        if len(sizes) > 1
    }
