"""An order of the shop is paid once at a store, or its goods are let go."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.attribution import services as attribution
from apps.attribution.models import Credit, Touch
from apps.catalog.models import Stock
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Member, MemberFacts
from apps.orders import services as orders
from apps.orders.models import Cart, Order, Pickup, Reservation, StorePayment
from apps.orders.services import locks
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
SOON = NOW + timedelta(hours=1)
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")
TILLS = 8


@pytest.fixture
def store(db: None) -> Store:
    return make.store()


@pytest.fixture
def clerk(store: Store) -> Staff:
    return make.staff(at=store)


@pytest.fixture
def shelf(store: Store) -> Stock:
    coat = make.product().variants.get(sku="coat-01-M")
    return Stock.objects.create(variant=coat, store=store, quantity=2)


@pytest.fixture
def order(store: Store, shelf: Stock) -> Order:
    """An order of the shop that nobody paid yet."""
    orders.record([make.order_in(customer=CHEN, paid_at=None, shipping=80)], now=NOW)
    return Order.objects.get()


@pytest.fixture
def cart(store: Store, clerk: Staff, shelf: Stock) -> Cart:
    """A cart that the clerk sent to a customer, to be fetched at the store."""
    siyu = make.member(phone="+886912345678")
    members.link_key(siyu, "phone", siyu.phone, by=None, now=NOW)
    pieces = {shelf.variant_id: 1}
    cart = orders.fill_cart(siyu, pieces, by=clerk, store=store, now=NOW)
    orders.deliver_cart(cart, delivery="pickup", pickup_store=store, now=NOW)
    return orders.send_cart(cart, note="", by=clerk, now=NOW)


def taken(store: Store, receipt: str = "T-1") -> orders.Taken:
    return orders.Taken(receipt, "cash", store)


def test_its_goods_are_kept_until_it_is_paid(
    order: Order, store: Store, shelf: Stock, clerk: Staff
) -> None:
    waiting = orders.await_payment(order, store=store, now=NOW)
    shelf.refresh_from_db()
    assert (waiting.state, waiting.due, shelf.reserved) == ("waiting", 5_340, 1)

    paid = orders.pay_in_store(order, taken(store), by=clerk, now=SOON)
    again = orders.pay_in_store(order, taken(store), by=clerk, now=SOON)

    assert (paid.state, paid.amount, paid.taken_by) == ("paid", 5_340, clerk)
    assert again == paid
    order.refresh_from_db()
    assert (order.status, order.paid_at) == ("paid", SOON)
    assert MemberFacts.objects.get().spend == 5_260
    with pytest.raises(Refused) as refused:
        orders.pay_in_store(order, taken(store, "T-2"), by=clerk, now=SOON)
    assert refused.value.code == "already_paid"


def test_asked_again_it_is_the_same_payment_with_a_new_time(
    order: Order, store: Store
) -> None:
    first = orders.await_payment(order, store=store, now=NOW)
    again = orders.await_payment(order, store=make.store("台中"), now=SOON)

    assert (again.pk, again.code) == (first.pk, first.code)
    assert again.pay_until == SOON + timedelta(days=3)


@pytest.mark.parametrize("days", [-1, 15])
def test_a_time_out_of_range_is_refused(order: Order, store: Store, days: int) -> None:
    until = NOW + timedelta(days=days)
    with pytest.raises(Refused) as refused:
        orders.await_payment(order, store=store, now=NOW, until=until)
    assert refused.value.code == "pay_until"


def test_what_a_shops_customer_did_not_pay_is_let_go(
    order: Order, store: Store, shelf: Stock, clerk: Staff
) -> None:
    late = NOW + timedelta(days=4)
    orders.await_payment(order, store=store, now=NOW)

    assert (orders.expire_payments(now=late), orders.expire_payments(now=late)) == (
        1,
        0,
    )

    shelf.refresh_from_db()
    assert shelf.reserved == 0
    order.refresh_from_db()
    assert order.status == "placed"
    with pytest.raises(Refused) as refused:
        orders.pay_in_store(order, taken(store), by=clerk, now=late)
    assert refused.value.code == "payment_expired"


def test_a_newer_version_keeps_no_longer_than_the_payment_waits(
    store: Store, shelf: Stock
) -> None:
    told = make.order_in(paid_at=None, pickup_store_code=store.code)
    orders.record([told], now=NOW)
    order = Order.objects.get()
    orders.await_payment(order, store=store, until=SOON, now=NOW)

    orders.record([replace(told, ship_to="台北市")], now=NOW)
    assert Reservation.objects.get(state="held").until == SOON
    orders.expire_payments(now=SOON)
    orders.record([replace(told, ship_to="新北市")], now=SOON)

    shelf.refresh_from_db()
    assert shelf.reserved == 0
    orders.record([replace(told, paid_at=NOW)], now=SOON)
    shelf.refresh_from_db()
    assert shelf.reserved == 1


def test_what_was_paid_in_the_shop_after_all_stays_kept(
    order: Order, store: Store, shelf: Stock
) -> None:
    orders.await_payment(order, store=store, now=NOW)
    orders.record([make.order_in(customer=CHEN, shipping=80)], now=SOON)

    orders.expire_payments(now=NOW + timedelta(days=4))

    shelf.refresh_from_db()
    assert shelf.reserved == 1


def test_a_cart_becomes_an_order_that_waits_for_its_payment(
    cart: Cart, store: Store, clerk: Staff, shelf: Stock
) -> None:
    first = orders.order_to_pay(cart, store=store, ship_to="", by=None, now=NOW)
    again = orders.order_to_pay(cart, store=store, ship_to="", by=None, now=NOW)

    assert first == again
    order = Order.objects.get()
    assert (order.status, order.channel, order.cart) == ("placed", "web", cart)
    shelf.refresh_from_db()
    assert shelf.reserved == 1
    pickup = Pickup.objects.get()
    orders.make_ready(pickup, by=clerk, now=NOW)
    orders.pay_in_store(order, taken(store), by=clerk, now=SOON)
    orders.hand_over(pickup, {pickup.lines.get().pk: 1}, by=clerk, now=SOON)
    assert Order.objects.get().status == "completed"


def test_a_draft_that_nobody_paid_is_cancelled(
    cart: Cart, store: Store, shelf: Stock
) -> None:
    orders.order_to_pay(cart, store=store, ship_to="", by=None, now=NOW)

    orders.expire_payments(now=NOW + timedelta(days=4))

    assert Order.objects.get().status == "cancelled"
    assert Pickup.objects.get().state == "returned"
    shelf.refresh_from_db()
    assert shelf.reserved == 0


def test_the_credit_stays_with_who_filled_the_cart(
    cart: Cart, store: Store, clerk: Staff
) -> None:
    cashier = make.staff("周曼寧", at=make.store("台中"))
    attribution.touch(
        Touch.Kind.CART_OPENED, member=Member.objects.get(), staff=clerk, store=store,
        product=None, link=None, evidence=("cart", cart.pk), now=NOW,
    )  # fmt: skip
    payment = orders.order_to_pay(cart, store=store, ship_to="", by=None, now=SOON)

    orders.pay_in_store(payment.order, taken(store), by=cashier, now=SOON)
    attribution.credit([payment.order_id], now=SOON)

    assert Credit.objects.get(superseded_at=None).staff == clerk


def test_what_is_sent_leaves_the_store(
    order: Order, store: Store, clerk: Staff, shelf: Stock
) -> None:
    orders.await_payment(order, store=store, now=NOW)
    orders.pay_in_store(order, taken(store), by=clerk, now=NOW)
    assert orders.release_shipped(now=NOW) == 0
    step = orders.FulfilmentIn(order.source, order.external_id, "shipped", NOW)
    orders.advance([step], now=NOW)

    assert orders.release_shipped(now=NOW) == 1

    shelf.refresh_from_db()
    assert shelf.reserved == 0


def test_what_was_paid_stays_paid(order: Order, store: Store, clerk: Staff) -> None:
    orders.pay_in_store(order, taken(store), by=clerk, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        StorePayment.objects.update(amount=1)


def race(order: Order, store: Store) -> list[str]:
    """Let every till take the payment at the same moment, each with its receipt."""
    ready = threading.Barrier(TILLS)

    def one(till: int) -> str:
        ready.wait()
        try:
            orders.pay_in_store(order, taken(store, f"T-{till}"), by=None, now=SOON)
        except Refused as refusal:
            return refusal.code
        except DatabaseError:
            return "error"
        finally:
            connection.close()
        return "paid"

    with ThreadPoolExecutor(TILLS) as pool:
        return list(pool.map(one, range(TILLS)))


@pytest.mark.django_db(transaction=True)
def test_of_eight_tills_one_is_paid(order: Order, store: Store) -> None:
    came = race(order, store)

    assert sorted(came) == ["already_paid"] * (TILLS - 1) + ["paid"]


@pytest.mark.django_db(transaction=True)
def test_without_the_orders_lock_the_tills_collide(
    order: Order, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = threading.Barrier(TILLS)
    monkeypatch.setattr(locks, "hold", lambda _keys: passing.wait())
    monkeypatch.setattr(Order.objects, "select_for_update", lambda: Order.objects.all())

    came = race(order, store)

    assert came.count("paid") != 1 or "error" in came
