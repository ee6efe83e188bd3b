"""What a credit pays and what refunds take back, in whole dollars."""

from __future__ import annotations

from datetime import date
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.commissions.rules import Rates, earned, open_month, rates_on, taken_back


@pytest.mark.parametrize(
    ("amount", "rate", "commission"),
    [(5_480, 300, 164), (50, 100, 1), (49, 100, 0), (1, 10_000, 1), (0, 300, 0)],
)
def test_a_commission_is_rounded_to_a_dollar(
    amount: int, rate: int, commission: int
) -> None:
    assert earned(amount, rate) == commission


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
OLD, NEW = Rates(1, date(2025, 1, 1), 300, 100), Rates(2, FEBRUARY, 400, 150)


def test_a_day_has_the_plan_that_began_last() -> None:
    assert rates_on([NEW, OLD], date(2026, 1, 31)) == OLD
    assert rates_on([OLD, NEW], FEBRUARY) == NEW
    assert rates_on([OLD, NEW], date(2024, 12, 31)) is None
    assert (NEW.rate(is_online=True), NEW.rate(is_online=False)) == (400, 150)


def test_an_entry_lands_in_the_next_month_that_is_open() -> None:
    december = date(2025, 12, 1)
    assert open_month(december, set()) == december
    assert open_month(december, {december, JANUARY}) == FEBRUARY
