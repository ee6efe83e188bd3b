"""Carts, pickups and counter sales in the helper: whose they are, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.attribution.models import Touch
from apps.catalog.models import Stock, Variant
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Cart, CounterSales, Order, Pickup
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

As = Callable[[Staff], Client]
CART_QUERIES, LIST_QUERIES = 22, 16


@pytest.fixture
def coat(store: Store, other_store: Store) -> Variant:
    """A coat: two here, five at the other store."""
    coat: Variant = make.product().variants.get(sku="coat-01-M")
    Stock.objects.create(variant=coat, store=store, quantity=2)
    Stock.objects.create(variant=coat, store=other_store, quantity=5)
    return coat


@pytest.fixture
def cart(siyu: Member, lin: Staff, store: Store, coat: Variant) -> Cart:
    now = clock.now()
    return orders.fill_cart(siyu, {coat.pk: 1}, by=lin, store=store, now=now)


@pytest.fixture
def chat(siyu: Member, lin: Staff, store: Store) -> Conversation:
    return Conversation.objects.create(
        account=make.account(), member=siyu, address=siyu.identities.get().value,
        desk="staff", staff=lin, store=store, last_message_at=clock.now(),
        created_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def pickup(siyu: Member, store: Store, coat: Variant) -> Pickup:
    row = make.order_in(pickup_store_code=store.code)
    orders.record([row], now=clock.now())
    Order.objects.update(member=siyu)
    orders.refresh_members([siyu.pk], now=clock.now())
    return Pickup.objects.get()


def test_a_cart_is_begun_filled_and_sent(
    as_: As, lin: Staff, siyu: Member, coat: Variant, chat: Conversation
) -> None:
    client = as_(lin)
    client.post(f"/helper/customers/{siyu.pk}/cart/")
    cart = Cart.objects.get()
    found = client.get(f"/helper/carts/{cart.pk}/", {"q": "coat-01"})
    assert "本店 2" in found.content.decode()

    client.post(f"/helper/carts/{cart.pk}/lines/", {"variant": coat.pk})
    client.post(f"/helper/carts/{cart.pk}/lines/", {"variant": coat.pk})
    words = {"note": "這件很適合您", "client_id": uuid4()}
    for _click in range(2):
        client.post(f"/helper/carts/{cart.pk}/send/", words)

    cart.refresh_from_db()
    assert (cart.state, cart.lines.get().quantity) == (Cart.State.SENT, 2)
    message = Message.objects.get(direction=Message.Direction.OUT)
    assert orders.cart_url(cart) in message.text
    assert Stock.objects.get(store=cart.store).reserved == 2
    assert Touch.objects.get(kind=Touch.Kind.CART_BUILT).sku == coat.sku


def test_a_cart_is_seen_by_who_serves_the_customer_only(
    as_: As, cart: Cart, lin: Staff, wang: Staff, chen: Staff, hq: Staff
) -> None:
    url = f"/helper/carts/{cart.pk}/"

    assert as_(lin).get(url).status_code == 200
    assert as_(wang).get(url).status_code == 200
    assert as_(chen).get(url).status_code == 404
    assert as_(chen).post(f"{url}give-up/").status_code == 404
    assert as_(hq).get(url).status_code == 403


def test_a_cart_is_paid_here_and_fetched_elsewhere(
    as_: As, cart: Cart, lin: Staff, other_store: Store
) -> None:
    client = as_(lin)
    url = f"/helper/carts/{cart.pk}/"
    assert client.post(f"{url}sell/", {"receipt": "AB-1"}).status_code == 422

    client.post(f"{url}delivery/", {"store": other_store.code})
    client.post(f"{url}sell/", {"receipt": "AB-1"})

    order = Order.objects.get()
    assert (order.seller, order.store, order.cart) == (lin, cart.store, cart)
    assert order.paid_at is not None
    assert order.pickup.store == other_store
    cart.refresh_from_db()
    assert cart.state == Cart.State.ORDERED


def test_the_pages_take_few_queries(
    as_: As,
    cart: Cart,
    lin: Staff,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = as_(lin)
    with django_assert_max_num_queries(CART_QUERIES):
        client.get(f"/helper/carts/{cart.pk}/", {"q": "coat"})
    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/helper/carts/")
    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/helper/pickups/")


def test_a_pickup_is_laid_out_told_of_and_handed_over(
    as_: As, pickup: Pickup, lin: Staff, chat: Conversation
) -> None:
    client, url = as_(lin), f"/helper/pickups/{pickup.pk}/"
    client.post(f"{url}pick/")
    for _click in range(2):
        client.post(f"{url}ready/")
    told = Message.objects.get(facts__auto="pickup_ready")
    assert f"/m/pickups/{pickup.code}/" in told.text
    given = {f"line-{line.pk}": line.quantity for line in pickup.lines.all()}

    client.post(f"{url}hand/", given)
    again = client.post(f"{url}hand/", given)

    pickup.refresh_from_db()
    assert (pickup.state, pickup.handed_by) == ("collected", lin)
    assert again.status_code == 422
    assert client.get(url).status_code == 200


def test_a_scanned_code_opens_its_pickup(
    as_: As, pickup: Pickup, lin: Staff, chen: Staff
) -> None:
    spoken = f"{pickup.code[:4]} {pickup.code[4:8]} {pickup.code[8:]}".lower()
    asked = {"code": spoken}

    assert as_(lin).get("/helper/pickups/", asked)["Location"] == (
        f"/helper/pickups/{pickup.pk}/"
    )
    assert as_(chen).get("/helper/pickups/", asked).status_code == 200
    assert as_(chen).get(f"/helper/pickups/{pickup.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("by_managers", "by_salespeople", "role", "recorded"),
    [
        (True, False, Staff.Role.SALESPERSON, 0),
        (True, True, Staff.Role.SALESPERSON, 1),
        (False, True, Staff.Role.MANAGER, 0),
        (True, False, Staff.Role.MANAGER, 1),
    ],
)
def test_a_stores_switch_says_who_writes_sales_down(
    as_: As,
    store: Store,
    by_managers: bool,  # noqa: FBT001
    by_salespeople: bool,  # noqa: FBT001
    role: str,
    recorded: int,
) -> None:
    CounterSales.objects.create(
        store=store, by_managers=by_managers, by_salespeople=by_salespeople
    )
    person = make.staff("某人", at=store, role=role)
    buyer = make.member("陳思妤", on=make.account())
    make.bound(buyer, person, store, since=clock.now())
    client = as_(person)

    sale = {"receipt": "櫃-77", "amount": 4_980, "note": "百貨專櫃"}
    client.post(f"/helper/customers/{buyer.pk}/sale/", sale)
    client.post(f"/helper/customers/{buyer.pk}/sale/", sale)

    assert Order.objects.filter(source="counter", member=buyer).count() == recorded
