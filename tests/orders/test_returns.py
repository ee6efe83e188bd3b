"""What comes back at a store is refunded once, and taken back from who earned it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.attribution import services as attribution
from apps.attribution.models import Credit
from apps.commissions import services as commissions
from apps.commissions.models import CommissionEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.orders import services as orders
from apps.orders.models import Order, Refund
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")


@pytest.fixture
def counter(db: None) -> Store:
    return make.store("台中店")


@pytest.fixture
def clerk(counter: Store) -> Staff:
    return make.staff("王美玲", at=counter)


@pytest.fixture
def order(db: None) -> Order:
    orders.record([make.order_in(customer=CHEN)], now=NOW)
    return Order.objects.get()


def given(pieces: dict[str, int]) -> orders.Return:
    return orders.Return(pieces, "商品瑕疵 R-1", uuid4())


def test_it_is_seen_before_and_refunded_once(
    order: Order, counter: Store, clerk: Staff
) -> None:
    assert orders.foresee(order, {"2": 1}, now=NOW) == {"2": 990}
    assert not Refund.objects.exists()
    back = given({"2": 1})

    first = orders.take_back(order, back, store=counter, by=clerk, now=NOW)
    again = orders.take_back(order, back, store=counter, by=clerk, now=NOW)

    assert first == again
    assert (first.amount, first.store, first.handled_by) == (990, counter, clerk)
    assert first.reason == "商品瑕疵 R-1"


@pytest.mark.parametrize(
    ("pieces", "code"),
    [({}, "nothing"), ({"2": 0}, "nothing"), ({"2": 3}, "not_returnable"),
     ({"9": 1}, "not_returnable")],
)  # fmt: skip
def test_what_cannot_come_back(
    order: Order, counter: Store, clerk: Staff, pieces: dict[str, int], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        orders.take_back(order, given(pieces), store=counter, by=clerk, now=NOW)
    assert refused.value.code == code


def test_what_was_not_paid_has_nothing_to_give_back(db: None) -> None:
    orders.record([make.order_in(paid_at=None)], now=NOW)
    with pytest.raises(Refused) as refused:
        orders.foresee(Order.objects.get(), {"2": 1}, now=NOW)
    assert refused.value.code == "not_paid"


def test_the_clawback_goes_to_who_had_earned_it(
    order: Order, counter: Store, clerk: Staff
) -> None:
    north = make.store("台北店")
    lin = make.staff("林怡君", at=north)
    make.plan(online=1_000)
    assert order.member
    make.bound(order.member, lin, north, since=NOW - timedelta(days=30))
    attribution.credit([order.pk], now=NOW)
    commissions.accrue(now=NOW)
    earner = set(Credit.objects.values_list("staff", flat=True))

    orders.take_back(order, given({"1": 1}), store=counter, by=clerk, now=NOW)
    commissions.reverse(now=NOW)

    taken = CommissionEntry.objects.filter(amount__lt=0)
    assert earner == {lin.pk}
    assert {entry.staff_id for entry in taken} == {lin.pk}
    assert sum(entry.amount for entry in taken) == -328
