"""Which tier spending reaches and keeps, and what the next one takes."""

from __future__ import annotations

import pytest

from apps.loyalty.rules.tiers import (
    Placing,
    Rung,
    Spent,
    Verdict,
    fall_back,
    judge,
    place,
)

BASE, SILVER, GOLD = 1, 2, 3
RUNGS = [Rung(GOLD, 80_000), Rung(BASE, 0), Rung(SILVER, 20_000, renew_amount=5_000)]


def spent(year: int) -> Spent:
    """Return a year's spending."""
    return Spent(lifetime=year, windows={12: year})


@pytest.mark.parametrize(
    ("year", "placing"),
    [
        (0, Placing(BASE, SILVER, 20_000, 0)),
        (19_999, Placing(BASE, SILVER, 1, 19_999)),
        (20_000, Placing(SILVER, GOLD, 60_000, 20_000)),
        (80_000, Placing(GOLD)),
        (-1, Placing(None, BASE, 1, -1)),
    ],
)
def test_the_highest_threshold_reached_counts(year: int, placing: Placing) -> None:
    assert place(spent(year), RUNGS, held_id=None) == placing


def test_the_next_tier_is_above_what_is_held_whatever_is_reached() -> None:
    assert place(spent(0), RUNGS, held_id=SILVER) == Placing(BASE, GOLD, 80_000, 0)


def test_without_tiers_nobody_stands_anywhere() -> None:
    assert place(spent(1_000), [], held_id=None) == Placing(None)
    assert judge(spent(1_000), [], held_id=None, is_over=False) is None


@pytest.mark.parametrize(
    ("year", "held", "is_over", "verdict"),
    [
        (0, None, False, Verdict(BASE, "start")),
        (20_000, BASE, False, Verdict(SILVER, "upgrade")),
        (80_000, BASE, True, Verdict(GOLD, "upgrade")),  # upgrades first
        (0, SILVER, False, None),  # held until its end
        (4_999, SILVER, True, Verdict(BASE, "expiry")),
        (5_000, SILVER, True, Verdict(SILVER, "renewal")),
        (20_000, SILVER, True, Verdict(SILVER, "renewal")),
        (79_999, GOLD, True, Verdict(SILVER, "expiry")),
        (-1, BASE, True, Verdict(None, "expiry")),
    ],
)
def test_upgrades_come_first_and_renewal_at_the_end(
    year: int, held: int | None, *, is_over: bool, verdict: Verdict | None
) -> None:
    assert judge(spent(year), RUNGS, held_id=held, is_over=is_over) == verdict


MEASURES = [
    Rung(BASE, 0),
    Rung(SILVER, 6_000, by="order", months=3),
    Rung(GOLD, 50_000, by="lifetime"),
]


@pytest.mark.parametrize(
    ("figures", "tier"),
    [
        (Spent(49_999, {12: 49_999}, {3: 5_999}), BASE),
        (Spent(6_000, {12: 6_000}, {3: 6_000}), SILVER),
        (Spent(50_000, {12: 0}, {3: 0}), GOLD),
    ],
)
def test_a_tier_may_look_at_a_life_a_window_or_one_order(
    figures: Spent, tier: int
) -> None:
    assert place(figures, MEASURES, held_id=None).tier_id == tier


@pytest.mark.parametrize(
    ("year", "held", "before", "tier"),
    [
        (0, GOLD, SILVER, SILVER),
        (20_000, GOLD, BASE, SILVER),
        (0, SILVER, None, BASE),
        (-1, SILVER, None, None),
        (0, SILVER, GOLD, BASE),
    ],
)
def test_a_refund_leads_back_to_what_was_or_is_reached(
    year: int, held: int, before: int | None, tier: int | None
) -> None:
    fallen = fall_back(spent(year), RUNGS, held_id=held, before_id=before)
    assert fallen == tier
