"""Which tier spending reaches and keeps, and what the next one takes.

The reviews decide sets of members in the database (`services.tier_sql`); this is the
same decision for one, for screens and as the oracle of the reviews' tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

LIFETIME, MONTHS, ORDER = "lifetime", "months", "order"
Reason = Literal["start", "upgrade", "renewal", "expiry"]


@dataclass(frozen=True)
class Rung:
    """A tier: what reaches it and what renews it (NT$).

    `by` is "lifetime", "months" or "order": what was spent ever, within the months, or
    at most in one order of the months. `renew_amount` None is the threshold again.
    """

    tier_id: int
    threshold: int
    by: str = MONTHS
    months: int = 12
    renew_by: str = MONTHS
    renew_months: int = 12
    renew_amount: int | None = None
    term_months: int = 12


@dataclass(frozen=True)
class Spent:
    """What a member spent (NT$): ever, by window of months, and best single orders."""

    lifetime: int = 0
    windows: Mapping[int, int] = field(default_factory=dict)
    best: Mapping[int, int] = field(default_factory=dict)

    def measure(self, by: str, months: int) -> int:
        """Return the figure that a rule looks at."""
        if by == LIFETIME:
            return self.lifetime
        return (self.best if by == ORDER else self.windows).get(months, 0)


@dataclass(frozen=True)
class Placing:
    """The tier that is reached, the one above what is held, and what is missing."""

    tier_id: int | None
    next_tier_id: int | None = None
    missing: int = 0
    reached: int = 0  # what the next one's rule measures so far


@dataclass(frozen=True)
class Verdict:
    """Where a member goes and why; `tier_id` None is no tier."""

    tier_id: int | None
    reason: Reason


def ladder(rungs: Sequence[Rung]) -> list[Rung]:
    """Return the tiers from the lowest up."""
    return sorted(rungs, key=lambda rung: rung.threshold)


def reached(spent: Spent, rungs: Sequence[Rung]) -> Rung | None:
    """Return the highest tier whose threshold the spending reaches."""
    for rung in reversed(ladder(rungs)):
        if spent.measure(rung.by, rung.months) >= rung.threshold:
            return rung
    return None


def judge(
    spent: Spent, rungs: Sequence[Rung], *, held_id: int | None, is_over: bool
) -> Verdict | None:
    """Return where the member goes, None for nowhere.

    Upgrades first; when the tier's time is over (`is_over`), renewal, else down to
    what is reached.
    """
    steps = {rung.tier_id: place for place, rung in enumerate(ladder(rungs), start=1)}
    goal = reached(spent, rungs)
    goal_id = goal.tier_id if goal else None
    held_step = steps.get(held_id, 0) if held_id else 0
    if goal and steps[goal.tier_id] > held_step:
        return Verdict(goal_id, "upgrade" if held_id else "start")
    if not is_over or held_id is None:
        return None
    held = next(rung for rung in rungs if rung.tier_id == held_id)
    if goal_id == held_id or _renews(spent, held):
        return Verdict(held_id, "renewal")
    return Verdict(goal_id, "expiry")


def _renews(spent: Spent, held: Rung) -> bool:
    needed = held.threshold if held.renew_amount is None else held.renew_amount
    return spent.measure(held.renew_by, held.renew_months) >= needed


def fall_back(
    spent: Spent, rungs: Sequence[Rung], *, held_id: int, before_id: int | None
) -> int | None:
    """Return the tier of whom a refund takes the held one from.

    What was held before it or what is reached now, the higher of both.
    """
    steps = [rung.tier_id for rung in ladder(rungs)]
    goal = reached(spent, rungs)
    options = [
        tier
        for tier in (goal.tier_id if goal else None, before_id)
        if tier in steps and steps.index(tier) < steps.index(held_id)
    ]
    return max(options, key=steps.index) if options else None


def place(spent: Spent, rungs: Sequence[Rung], *, held_id: int | None) -> Placing:
    """Return what is reached, and the next tier above that and above what is held."""
    goal = reached(spent, rungs)
    steps = ladder(rungs)
    places = {rung.tier_id: step for step, rung in enumerate(steps, start=1)}
    stands = max(
        places.get(goal.tier_id, 0) if goal else 0,
        places.get(held_id, 0) if held_id else 0,
    )
    above = steps[stands] if stands < len(steps) else None
    so_far = spent.measure(above.by, above.months) if above else 0
    return Placing(
        tier_id=goal.tier_id if goal else None,
        next_tier_id=above.tier_id if above else None,
        missing=above.threshold - so_far if above else 0,
        reached=so_far,
    )
