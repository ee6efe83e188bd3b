"""Points that wait for the goods follow whoever says that the customer has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations

import pytest

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointAccount, PointLot, PointRule
from apps.orders import services as orders
from apps.orders.models import Order, Pickup
from apps.orders.services import upkeep
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
HOUR = timedelta(hours=1)
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")


@pytest.fixture(autouse=True)
def _rule(db: None) -> None:
    PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=100, release_from="fulfilled",
        created_at=NOW,
    )  # fmt: skip


def account() -> tuple[int, int]:
    """Return the only member's balance and pending points."""
    return PointAccount.objects.values_list("balance", "pending").get()


def test_a_warehouse_that_completes_an_order_releases_its_points() -> None:
    orders.record([row := make.order_in(customer=CHEN)], now=NOW)
    earned = account()[1]
    assert (account(), earned > 0) == ((0, earned), True)
    for status in ("shipped", "completed", "completed"):
        told = orders.FulfilmentIn(row.source, row.external_id, status, NOW - HOUR)
        orders.advance([told], now=NOW)
    assert account() == (earned, 0)
    assert Order.objects.get().done_at == NOW - HOUR
    assert PointLot.objects.get().available_at == NOW - HOUR


def test_a_pickup_releases_points_with_its_last_piece() -> None:
    clerk = make.staff(at=make.store())
    store = Store.objects.get()
    row = make.order_in(customer=CHEN, pickup_store_code=store.code)
    orders.record([row], now=NOW)
    pickup = orders.make_ready(Pickup.objects.get(), by=clerk, now=NOW)
    pieces = dict(pickup.lines.values_list("pk", "quantity"))
    first = {min(pieces): pieces.pop(min(pieces))}
    earned = account()[1]

    orders.hand_over(pickup, first, by=clerk, now=NOW)
    assert account() == (0, earned)
    orders.hand_over(pickup, pieces, by=clerk, now=NOW + HOUR)

    assert (account(), Order.objects.get().done_at) == ((earned, 0), NOW + HOUR)


def test_what_a_pickup_is_short_of_earns_nothing() -> None:
    clerk = make.staff(at=make.store())
    store = Store.objects.get()
    row = make.order_in(customer=CHEN, pickup_store_code=store.code)
    orders.record([row], now=NOW)
    pickup = orders.make_ready(Pickup.objects.get(), by=clerk, now=NOW)
    first, *_others = pickup.lines.values_list("pk", flat=True)
    orders.hand_over(pickup, {first: 1}, by=clerk, now=NOW, is_last=True)
    left = Order.objects.get()
    assert account() == ((left.net - left.refunded) // 100, 0)


@pytest.mark.parametrize(
    ("fields", "waiting"),
    [
        ({"channel": "store"}, 0),
        ({"channel": "store", "ship_to": "台北市"}, 1),
        ({"channel": "web"}, 1),
        ({"channel": "web", "status": "completed"}, 0),
    ],
)
def test_what_is_taken_along_is_fulfilled_by_its_payment(
    fields: dict[str, str], waiting: int
) -> None:
    row = make.order_in(customer=CHEN, store_code=make.store().code, **fields)
    orders.record([row], now=NOW)
    assert PointLot.objects.filter(is_released=False).count() == waiting
    assert PointLot.objects.count() == 1


def test_an_order_cancelled_on_its_way_keeps_nothing() -> None:
    row = make.order_in(customer=CHEN)
    orders.record([row], now=NOW)
    gone = replace(row, status="cancelled", cancelled_at=NOW)
    orders.record([gone], now=NOW)
    assert account() == (0, 0)


def versions() -> list[orders.OrderIn]:
    """Return an order as its shop tells of it: placed, paid, completed."""
    at = NOW - 9 * HOUR
    row = make.order_in(customer=CHEN, placed_at=at, paid_at=None, updated_at=at)
    return [
        row,
        replace(row, paid_at=at + HOUR, updated_at=at + HOUR),
        replace(row, paid_at=at + HOUR, updated_at=at + 3 * HOUR, status="completed"),
        replace(row, paid_at=at + HOUR, updated_at=at + 5 * HOUR, status="completed",
                shipping=60),
    ]  # fmt: skip


def moments() -> list[tuple[datetime | None, datetime]]:
    """Return from when each living lot is of use, and when it was earned."""
    lots = PointLot.objects.filter(reversed_at=None)
    return list(lots.values_list("available_at", "earned_at"))


@pytest.mark.parametrize("shuffled", list(permutations(range(3))))
def test_versions_in_any_order_leave_the_same_points(shuffled: tuple[int, ...]) -> None:
    told = versions()[:3]
    for place in shuffled:
        orders.record([told[place]], now=NOW)
    assert moments() == [(NOW - 6 * HOUR, NOW - 8 * HOUR)]
    assert account()[1] == 0


def test_a_later_version_leaves_when_the_goods_came() -> None:
    for row in versions():
        orders.record([row], now=NOW)
    assert Order.objects.get().done_at == NOW - 6 * HOUR


def test_what_was_completed_before_the_moment_was_kept_is_no_prisoner() -> None:
    row = versions()[2]
    orders.record([replace(row, customer=orders.CustomerIn())], now=NOW)
    Order.objects.update(done_at=None, member=make.member())
    order = Order.objects.get()
    upkeep.refresh_members([order.member_id], now=NOW, order_ids=[order.pk])
    assert moments() == [(order.paid_at, order.paid_at)]
    assert loyalty.release_points(now=NOW) == 0
