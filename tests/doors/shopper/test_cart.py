"""The customer's cart by its link, and the customer's orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.attribution.models import Touch
from apps.catalog.models import Product, Stock, Variant
from apps.channels.models import Account
from apps.core import clock
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Cart, Order, Pickup
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

Phone = Callable[[Member | None], Client]


@pytest.fixture
def coat(store: Store) -> Variant:
    coat: Variant = make.product().variants.get(sku="coat-01-M")
    Stock.objects.create(variant=coat, store=store, quantity=3)
    return coat


@pytest.fixture
def cart(siyu: Member, yijun: Staff, store: Store, coat: Variant) -> Cart:
    now = clock.now()
    cart = orders.fill_cart(siyu, {coat.pk: 2}, by=yijun, store=store, now=now)
    return orders.send_cart(cart, note="很適合您", by=yijun, now=now)


def test_the_link_opens_the_cart_at_todays_price_and_stock(
    phone: Phone, cart: Cart, coat: Variant
) -> None:
    Product.objects.update(price=2_980)
    Stock.objects.update(quantity=1)

    shown = phone(None).get(f"/m/cart/{cart.code}/").content.decode()

    assert "現在只剩" in shown
    assert "價格或庫存有變" in shown
    assert "NT$2,980" in shown
    cart.refresh_from_db()
    assert cart.state == Cart.State.OPENED
    assert Touch.objects.get(kind=Touch.Kind.CART_OPENED).staff == cart.filled_by


def test_what_only_looks_ahead_opens_nothing(cart: Cart) -> None:
    machine = Client(headers={"User-Agent": "facebookexternalhit/1.1;line-poker/1.0"})

    assert machine.get(f"/m/cart/{cart.code}/").status_code == 200

    cart.refresh_from_db()
    assert cart.state == Cart.State.SENT


def test_the_customer_changes_and_goes_to_the_shop(
    phone: Phone, cart: Cart, coat: Variant, store: Store
) -> None:
    client, url = phone(None), f"/m/cart/{cart.code}/"
    client.post(f"{url}lines/", {"variant": coat.pk, "quantity": 1})
    client.post(f"{url}delivery/", {"delivery": store.code})

    target = client.get(f"{url}checkout/")["Location"]

    assert f"cart={cart.code}" in target
    assert "items=coat-01-M%2A1" in target
    assert f"pickup={store.code}" in target


def test_an_order_with_the_code_closes_the_cart(
    phone: Phone, cart: Cart, coat: Variant, store: Store
) -> None:
    line = orders.LineIn("1", coat.sku, "羊毛大衣", 2, 3_280)
    row = make.order_in(lines=(line,), cart_code=cart.code)

    orders.record([row], now=clock.now())

    cart.refresh_from_db()
    assert cart.state == Cart.State.ORDERED
    assert Order.objects.get().cart == cart
    assert Stock.objects.get().reserved == 0
    shown = phone(None).get(f"/m/cart/{cart.code}/")
    assert "已經下單" in shown.content.decode()


def test_a_cart_whose_time_ran_out_is_told_kindly(phone: Phone, cart: Cart) -> None:
    orders.sweep_carts(now=cart.expires_at)

    answer = phone(None).get(f"/m/cart/{cart.code}/")

    assert answer.status_code == 422
    assert "已經結束" in answer.content.decode()


def test_a_cart_left_in_the_shop_is_found_again(
    phone: Phone, coat: Variant, line: Account
) -> None:
    now = clock.now()
    row = orders.CartIn("shop", "c-1", {coat.sku: 1}, orders.CustomerKeys())
    left = orders.report_cart(row, now=now)
    orders.sweep_carts(now=now + orders.ABANDONED_AFTER)
    left.refresh_from_db()
    assert left.state == Cart.State.ABANDONED

    assert phone(None).get(f"/m/cart/{left.code}/").status_code == 200


def test_the_order_shows_its_qr_to_its_customer_only(
    phone: Phone, siyu: Member, yijun: Staff, store: Store, coat: Variant
) -> None:
    orders.record([make.order_in(pickup_store_code=store.code)], now=clock.now())
    Order.objects.update(member=siyu)
    orders.refresh_members([siyu.pk], now=clock.now())
    pickup = Pickup.objects.get()
    orders.make_ready(pickup, by=yijun, now=clock.now())
    url = f"/m/orders/{pickup.order_id}/"

    mine = phone(siyu).get(url)

    assert "<svg" in mine.content.decode()
    assert phone(siyu).get("/m/orders/").status_code == 200
    assert phone(make.member("別人")).get(url).status_code == 404
    assert phone(None).get(url).status_code == 302
