"""Points of real orders leave out what HQ left out; gifts hold a coupon."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, GiftRule, PointRule
from apps.members import services as members
from apps.members.models import Member
from apps.orders import services as orders
from tests import make
from tests.loyalty import coupons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]


def bought(number: str = "A-1", **fields: object) -> None:
    """Record an order of a coat and two knits by the member with card C1."""
    told = make.order_in(number, customer=orders.CustomerIn(card="C1"), **fields)
    (answer,) = orders.record([told], now=clock.now())
    assert answer.status == "new", answer


@pytest.fixture
def chen(db: None) -> Member:
    person = make.member()
    members.link_key(person, "card", "C1", by=None, now=clock.now())
    return person


def points(member: Member) -> int:
    return loyalty.balance(member, now=clock.now()).available


def test_goods_of_a_category_left_out_earn_nothing(chen: Member) -> None:
    coat = make.product()
    rule = PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=100, created_at=clock.now()
    )
    bought()
    assert points(chen) == 52
    rule.excluded.add(coat.category)
    bought("A-2")
    assert points(chen) == 52 + 19
    # What was earned before stays, until the purchase itself changes.
    orders.record_refunds([make.refund_in(order="A-2")], now=clock.now())
    assert points(chen) == 52 + 19


def test_a_discount_falls_on_what_is_left_out_by_its_share(chen: Member) -> None:
    coat = make.product()
    rule = PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=1, created_at=clock.now()
    )
    rule.excluded.add(coat.category)
    bought(discount=526)
    assert points(chen) == 1_980 - 198


@pytest.fixture
def welcome(db: None) -> Coupon:
    return coupons.coupon("入會禮", valid_from=None, valid_until=None)


def registered(n: int = 1) -> list[Member]:
    now = clock.now()
    return [make.member(stage="registered", registered_at=now) for _n in range(n)]


def test_a_gift_brings_its_coupon_and_points_once(welcome: Coupon) -> None:
    GiftRule.objects.create(
        occasion="sign_up", points=50, coupon=welcome,
        starts_on=clock.today() - timedelta(days=1),
    )  # fmt: skip
    people = registered(3)
    assert loyalty.give_gifts(now=clock.now()) == 3
    assert loyalty.give_gifts(now=clock.now()) == 0
    copies = CouponIssue.objects.filter(coupon=welcome)
    assert {copy.member_id for copy in copies} == {each.pk for each in people}
    assert {(copy.source, copy.source_id) for copy in copies} == {("gift", "sign_up")}
    assert [points(each) for each in people] == [50, 50, 50]
