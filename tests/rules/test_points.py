"""What a purchase earns, when that lives and dies, and what is used first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from apps.core import clock
from apps.loyalty.rules.points import (
    FULFILLED,
    PAID,
    Expiry,
    OpenLot,
    Purchase,
    Terms,
    available_at,
    award,
    draw,
    expires_at,
    points_for,
    reawarded,
    released_at,
    terms_on,
    worth_of_burning,
)


def at(text: str) -> datetime:
    """Return the moment in Taipei."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.TAIPEI)


NOON = at("2026-11-22T12:00")


@pytest.mark.parametrize(
    ("amount", "spend", "multiplier", "points"),
    [
        (3_280, 100, 10_000, 32),
        (99, 100, 10_000, 0),
        (100, 100, 10_000, 1),
        (1_990, 100, 15_000, 29),
        (1_999, 1, 10_000, 1_999),
        (-500, 100, 10_000, 0),
    ],
)
def test_points_are_rounded_down(
    amount: int, spend: int, multiplier: int, points: int
) -> None:
    assert points_for(amount, spend, multiplier) == points


@pytest.mark.parametrize(
    ("earned", "expiry", "dead"),
    [
        # 365 days: the day itself is day 0, alive on day 365, dead on day 366.
        ("2026-01-01T00:00", Expiry(days=365), "2027-01-02T00:00"),
        ("2026-01-01T23:59", Expiry(days=365), "2027-01-02T00:00"),
        ("2024-02-29T12:00", Expiry(days=365), "2025-03-01T00:00"),
        ("2027-03-01T00:00", Expiry(days=365), "2028-03-01T00:00"),
        ("2026-11-22T12:00", Expiry(days=1), "2026-11-24T00:00"),
        ("2026-01-31T12:00", Expiry(days=30), "2026-03-03T00:00"),
        # Earned in one year, dead at 23:59 on a day of the next.
        ("2026-01-01T00:00", Expiry(month=3, day=31), "2027-04-01T00:00"),
        ("2026-12-31T23:59", Expiry(month=3, day=31), "2027-04-01T00:00"),
        ("2027-01-01T00:00", Expiry(month=3, day=31), "2028-04-01T00:00"),
        ("2026-06-01T12:00", Expiry(month=12, day=31), "2028-01-01T00:00"),
        ("2026-06-01T12:00", Expiry(month=2, day=29), "2027-03-01T00:00"),
        ("2027-06-01T12:00", Expiry(month=2, day=29), "2028-03-01T00:00"),
        ("2026-06-01T12:00", Expiry(month=4, day=31), "2027-05-01T00:00"),
    ],
)
def test_points_live_to_the_end_of_their_last_day(
    earned: str, expiry: Expiry, dead: str
) -> None:
    assert expires_at(at(earned), expiry) == at(dead)


def test_points_may_live_for_ever() -> None:
    assert expires_at(NOON, Expiry()) is None


def test_the_year_of_a_purchase_is_that_of_taipei() -> None:
    utc = datetime.fromisoformat("2026-12-31T16:00+00:00")  # 1 January in Taipei
    assert expires_at(utc, Expiry(month=3, day=31)) == at("2028-04-01T00:00")


@pytest.mark.parametrize(
    ("days", "moment"), [(0, NOON), (7, at("2026-11-30T00:00")), (1, at("2026-11-24"))]
)
def test_points_wait_for_the_last_day_of_returns(days: int, moment: datetime) -> None:
    assert available_at(NOON, days) == moment


def bought(left: int, **fields: object) -> Purchase:
    """Return a paid purchase of the web shop."""
    facts = {"channel": "web", "placed_at": NOON, "paid_at": NOON, "member_id": 1}
    return Purchase(7, "shop", "A7", net_left=left, **{**facts, **fields})  # type: ignore[arg-type]


TERMS = Terms(1, date(2026, 1, 1), 100)
LATER = at("2026-11-25T09:00")


@pytest.mark.parametrize(
    ("since", "days", "paid", "fulfilled", "moment"),
    [
        (PAID, 0, NOON, None, NOON),
        (PAID, 7, NOON, LATER, at("2026-11-30T00:00")),
        (PAID, 7, None, LATER, None),
        (FULFILLED, 0, NOON, None, None),
        (FULFILLED, 7, NOON, None, None),
        (FULFILLED, 0, NOON, LATER, LATER),
        (FULFILLED, 7, NOON, LATER, at("2026-12-03T00:00")),
        (FULFILLED, 7, None, LATER, None),
        # Paid after the goods had come: from the payment on.
        (FULFILLED, 0, LATER, NOON, LATER),
        (FULFILLED, 1, LATER, NOON, at("2026-11-27T00:00")),
    ],
)
def test_points_wait_from_the_payment_or_from_the_goods(
    since: str,
    days: int,
    paid: datetime | None,
    fulfilled: datetime | None,
    moment: datetime | None,
) -> None:
    terms = Terms(1, TERMS.starts_on, 100, release_days=days, release_from=since)
    purchase = bought(1_000, paid_at=paid, fulfilled_at=fulfilled)
    assert released_at(purchase, terms) == moment


@pytest.mark.parametrize(
    ("purchase", "terms", "points"),
    [
        (bought(1_000), TERMS, 10),
        (bought(1_000, member_id=None), TERMS, None),
        (bought(1_000, paid_at=None), TERMS, None),
        (bought(99), TERMS, None),
        (
            bought(1_000),
            Terms(1, TERMS.starts_on, 100, channels=frozenset({"store"})),
            None,
        ),
        (
            bought(1_000, left_by_category={5: 400, 6: 600}),
            Terms(1, TERMS.starts_on, 100, excluded=frozenset({5})),
            6,
        ),
    ],
)  # fmt: skip
def test_only_what_is_paid_left_and_of_the_rule_earns(
    purchase: Purchase, terms: Terms, points: int | None
) -> None:
    found = award(purchase, terms, 10_000)
    assert (found.points if found else None) == points


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), 1),
        (date(2026, 6, 30), 1),
        (date(2026, 7, 1), 2),
    ],
)
def test_a_day_has_the_version_that_began_last(day: date, rule: int | None) -> None:
    versions = [Terms(2, date(2026, 7, 1), 50), TERMS]
    found = terms_on(versions, day)
    assert (found.rule_id if found else None) == rule


@pytest.mark.parametrize(
    ("points", "taken"),
    [
        (0, []),
        (5, [(2, 5)]),
        (10, [(2, 10)]),
        (25, [(2, 10), (1, 15)]),
        (99, [(2, 10), (1, 20), (3, 5)]),
    ],
)
def test_the_oldest_points_are_used_first(
    points: int, taken: list[tuple[int, int]]
) -> None:
    day = timedelta(days=1)
    lots = [
        OpenLot(1, 20, NOON), OpenLot(2, 10, NOON - day), OpenLot(3, 5, NOON),
    ]  # fmt: skip
    assert draw(lots, points) == taken


def test_of_dead_points_only_what_was_used_is_given_again() -> None:
    assert reawarded(50, used=40, is_dead=False) == 50
    assert reawarded(50, used=40, is_dead=True) == 40
    assert reawarded(30, used=40, is_dead=True) == 30


@pytest.mark.parametrize(
    ("basket", "share", "value", "points"),
    [
        (1_000, 10_000, 1, 1_000),
        (999, 3_000, 1, 299),
        (999, 3_000, 2, 149),
        (-5, 10_000, 1, 0),
    ],
)
def test_a_basket_takes_a_share_in_points(
    basket: int, share: int, value: int, points: int
) -> None:
    assert worth_of_burning(basket, share=share, point_value=value) == points
