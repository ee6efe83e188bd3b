"""Whose plan pays, at which rate, and what a month's sales add: tables to read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.commissions.rules import (
    Part,
    Plan,
    Rate,
    Scope,
    Special,
    Terms,
    Tier,
    earned_together,
    plan_of,
    steps,
    top_up,
    withheld,
)

COAT, BAG = 1, 2
ZHONGSHAN, BANQIAO = 11, 12
THREE, ONE, FIVE = Rate(300), Rate(100), Rate(500)
TERMS = Terms(
    online=THREE,
    store=ONE,
    specials=(
        Special(Rate(each=50), category_id=BAG),
        Special(FIVE, store_id=BANQIAO),
        Special(Rate(800), category_id=BAG, store_id=BANQIAO),
    ),
)


@pytest.mark.parametrize(
    ("side", "category", "store", "rate"),
    [
        ("online", COAT, ZHONGSHAN, THREE),
        ("store", COAT, ZHONGSHAN, ONE),
        ("online", None, None, THREE),  # a line without a product, of HQ
        ("online", BAG, ZHONGSHAN, Rate(each=50)),  # the category's exception
        ("store", BAG, ZHONGSHAN, Rate(each=50)),  # in either channel
        ("online", COAT, BANQIAO, FIVE),  # the store's exception
        ("store", BAG, BANQIAO, Rate(800)),  # both named: the narrowest
    ],
)
def test_the_narrowest_exception_sets_the_rate(
    side: str, category: int | None, store: int | None, rate: Rate
) -> None:
    is_online = side == "online"
    own = TERMS.rate(is_online=is_online, category_id=category, store_id=store)
    assert own == rate


@pytest.mark.parametrize(
    ("rate", "amount", "pieces", "earned"),
    [
        (Rate(300), 5_480, 1, 164),
        (Rate(100), 50, 1, 1),
        (Rate(100), 49, 1, 0),
        (Rate(each=50), 5_480, 1, 50),
        (Rate(each=50), 1_980, 3, 150),
        (Rate(), 9_999, 9, 0),
    ],
)
def test_a_part_of_the_amount_or_a_sum_a_piece(
    rate: Rate, amount: int, pieces: int, earned: int
) -> None:
    assert rate.earned(amount, pieces) == earned


OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
LIN = Scope(7, ZHONGSHAN, "salesperson")
EVERYBODY = Plan(1, Scope(), OCTOBER, NOVEMBER, TERMS)
NEXT = Plan(2, Scope(), NOVEMBER, None, TERMS)
MANAGERS = Plan(3, Scope(role="manager"), OCTOBER, None, TERMS)
SALESPEOPLE = Plan(4, Scope(role="salesperson"), OCTOBER, None, TERMS)
STORE = Plan(5, Scope(store_id=ZHONGSHAN), OCTOBER, None, TERMS)
OTHER_STORE = Plan(6, Scope(store_id=BANQIAO), OCTOBER, None, TERMS)
HERS = Plan(7, Scope(staff_id=7), NOVEMBER, DECEMBER, TERMS)


@pytest.mark.parametrize(
    ("plans", "day", "expected"),
    [
        ([EVERYBODY, NEXT], date(2026, 9, 30), None),  # before the first
        ([EVERYBODY, NEXT], OCTOBER, EVERYBODY),  # its first day
        ([EVERYBODY, NEXT], date(2026, 10, 31), EVERYBODY),  # its last day
        ([EVERYBODY, NEXT], NOVEMBER, NEXT),  # the next one takes over
        ([NEXT, MANAGERS], NOVEMBER, NEXT),  # not her role
        ([NEXT, SALESPEOPLE], NOVEMBER, SALESPEOPLE),  # her role before everybody
        ([NEXT, SALESPEOPLE, STORE], NOVEMBER, STORE),  # her store before her role
        ([NEXT, OTHER_STORE], NOVEMBER, NEXT),  # not her store
        ([STORE, HERS], NOVEMBER, HERS),  # herself before all
        ([STORE, HERS], DECEMBER, STORE),  # hers has ended: the wider one holds
    ],
)
def test_a_person_has_one_plan_a_day(
    plans: list[Plan], day: date, expected: Plan | None
) -> None:
    assert plan_of(plans, LIN, day) == expected
    assert plan_of(plans[::-1], LIN, day) == expected


GRADUATED = Terms(threshold=50_000, tiers=(Tier(200_000, 100), Tier(400_000, 200)))


@pytest.mark.parametrize(
    ("sales", "parts", "added"),
    [
        (0, [], 0),
        (200_000, [], 0),  # just at the first tier: nothing lies above it
        (200_050, [50], 1),  # rounded to a dollar
        (312_400, [112_400], 1_124),
        (400_000, [200_000], 2_000),
        (400_100, [200_000, 100], 2_002),  # a dollar more jumps nowhere
        (500_000, [200_000, 100_000], 4_000),
    ],
)
def test_tiers_add_to_the_part_above_them(
    sales: int, parts: list[int], added: int
) -> None:
    assert [step.part for step in steps(GRADUATED, sales)] == parts
    assert top_up(GRADUATED, sales) == added


def test_without_tiers_nothing_is_added() -> None:
    assert steps(Terms(threshold=50_000), 99_000) == []
    assert top_up(Terms(), 0) == 0


@pytest.mark.parametrize(
    ("sales", "kept_back"),
    [(0, -900), (49_999, -900), (50_000, 0), (60_000, 0)],
)
def test_below_the_threshold_a_month_is_not_paid(sales: int, kept_back: int) -> None:
    assert withheld(GRADUATED, sales, 900) == kept_back


@given(st.integers(0, 2_000_000), st.integers(0, 5_000))
def test_more_sales_never_pay_less(sales: int, more: int) -> None:
    assert top_up(GRADUATED, sales) <= top_up(GRADUATED, sales + more)


@given(st.integers(1, 10**6), st.integers(1, 9), st.integers(0, 10_000))
def test_shares_under_one_rate_earn_what_the_line_does(
    amount: int, pieces: int, share: int
) -> None:
    for rate in (Rate(333), Rate(each=7)):
        halves = [
            Part(amount, share, rate),
            Part(amount * 2, 10_000 - share, rate),
        ]
        own = sum(earned_together(halves, pieces))
        assert own == rate.earned(amount * 3, pieces)


def test_people_of_different_plans_earn_each_at_their_own_rate() -> None:
    parts = [Part(500, 5_000, Rate(300)), Part(500, 5_000, Rate(each=50))]
    assert earned_together(parts, 1) == [15, 25]


def test_terms_are_stored_and_read() -> None:
    full = Terms(
        online=THREE,
        store=Rate(each=20),
        threshold=10_000,
        tiers=(Tier(10_000, 100), Tier(20_000, 150)),
        specials=TERMS.specials,
        recruit=30,
        received=5,
        handed=5,
    )
    assert Terms.from_json(full.as_json()) == full
    assert Terms.from_json({}) == Terms()
    assert full.looks_at_months
    assert not TERMS.looks_at_months


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        ({"online": {"points": 10_001}}, "basis points"),
        ({"online": {"points": -1}}, "basis points"),
        ({"online": {"points": 300, "each": 50}}, "not both"),
        ({"store": {"each": 100_001}}, "at most"),
        ({"threshold": -1}, "threshold"),
        ({"recruit": 1.5}, "recruit"),
        (
            {"tiers": [{"above": 2, "extra": 1}, {"above": 2, "extra": 1}]},
            "must rise",
        ),
        ({"threshold": 9, "tiers": [{"above": 8, "extra": 1}]}, "below the threshold"),
        ({"specials": [{"points": 1}]}, "names a category or a store"),
        (
            {"specials": [{"category": 1, "points": 1}, {"category": 1, "each": 2}]},
            "twice",
        ),
    ],
)
def test_terms_that_make_no_sense_are_not_read(
    stored: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        Terms.from_json(stored)
