"""Money splits exactly and rounds away from zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import share_of, split


@pytest.mark.parametrize(
    ("amount", "basis_points", "share"),
    [(1_000, 250, 25), (990, 250, 25), (-990, 250, -25), (19, 250, 0), (20, 250, 1)],
)
def test_a_share_is_rounded_half_away_from_zero(
    amount: int, basis_points: int, share: int
) -> None:
    assert share_of(amount, basis_points) == share


def test_the_odd_dollar_goes_to_the_largest_remainder() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(10, [6_667, 3_333]) == [7, 3]


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any),
)
def test_the_parts_always_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert all(
        abs(part - amount * weight / sum(weights)) < 1
        for part, weight in zip(parts, weights, strict=True)
    )
