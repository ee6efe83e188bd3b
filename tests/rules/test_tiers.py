"""Which tier a member's spending reaches."""

import pytest

from apps.loyalty.rules.tiers import Placing, Rung, tier_for

RUNGS = [Rung(3, 80_000), Rung(1, 0), Rung(2, 20_000)]


@pytest.mark.parametrize(
    ("spend", "placing"),
    [
        (0, Placing(1, 2, 20_000)),
        (19_999, Placing(1, 2, 1)),
        (20_000, Placing(2, 3, 60_000)),
        (80_000, Placing(3)),
        (-1, Placing(None, 1, 1)),
    ],
)
def test_the_highest_threshold_reached_counts(spend: int, placing: Placing) -> None:
    assert tier_for(spend, RUNGS) == placing


def test_without_tiers_nobody_stands_anywhere() -> None:
    assert tier_for(1_000, []) == Placing(None)
