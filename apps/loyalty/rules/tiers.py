"""Which tier a member's spending reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """A tier and the spending of twelve months (NT$) that reaches it."""

    tier_id: int
    threshold: int


@dataclass(frozen=True)
class Placing:
    """The tier that is reached, the one above it, and what is missing to that (NT$)."""

    tier_id: int | None
    next_tier_id: int | None = None
    missing: int = 0


def tier_for(spend_12m: int, rungs: Sequence[Rung]) -> Placing:
    """Return the highest tier whose threshold the spending reaches.

    Below every threshold, or without any tier, nobody stands anywhere.
    """
    ladder = sorted(rungs, key=lambda rung: rung.threshold)
    reached = [rung for rung in ladder if rung.threshold <= spend_12m]
    above = ladder[len(reached) :]
    return Placing(
        tier_id=reached[-1].tier_id if reached else None,
        next_tier_id=above[0].tier_id if above else None,
        missing=above[0].threshold - spend_12m if above else 0,
    )
