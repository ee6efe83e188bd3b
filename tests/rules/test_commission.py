"""What a credit pays and what refunds take back, in whole dollars."""

from __future__ import annotations

from datetime import date
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.commissions.rules import Rate, open_month, taken_back


@pytest.mark.parametrize(
    ("amount", "rate", "commission"),
    [(5_480, 300, 164), (50, 100, 1), (49, 100, 0), (1, 10_000, 1), (0, 300, 0)],
)
def test_a_commission_is_rounded_to_a_dollar(
    amount: int, rate: int, commission: int
) -> None:
    assert Rate(rate).earned(amount, 1) == commission


@given(
    st.integers(0, 10_000),
    st.lists(st.integers(1, 3_000), min_size=1, max_size=12),
)
def test_however_a_line_is_refunded_a_full_refund_takes_all_back(
    given_: int, parts: list[int]
) -> None:
    whole = sum(parts)
    taken = [taken_back(given_, whole, refunded) for refunded in accumulate(parts)]
    assert taken == sorted(taken)
    assert taken[-1] == given_


def test_more_cannot_be_taken_back_than_was_given() -> None:
    assert taken_back(30, 1_000, 2_000) == 30
    assert taken_back(0, 0, 5) == 0


JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def test_an_entry_lands_in_the_first_month_that_is_open() -> None:
    november, december = date(2025, 11, 1), date(2025, 12, 1)
    assert open_month(december, None) == december
    assert open_month(december, november) == december
    assert open_month(december, december) == JANUARY
    assert open_month(november, december) == JANUARY  # closed with the later one
    assert open_month(FEBRUARY, december) == FEBRUARY
