"""How many pieces may be promised of what lies in a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Granted:
    """What is kept of each variant, and which ones fell short."""

    pieces: Mapping[int, int]
    short: tuple[int, ...]


def grant(wanted: Mapping[int, int], available: Mapping[int, int]) -> Granted:
    """Give each variant what was asked for, as far as it is there."""
    pieces = {
        variant: min(count, max(available.get(variant, 0), 0))
        for variant, count in wanted.items()
    }
    short = tuple(each for each, count in wanted.items() if pieces[each] < count)
    return Granted({each: count for each, count in pieces.items() if count}, short)
