"""The customer's goods at a store, and paying for them there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.catalog.models import Stock
from apps.core import clock
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Cart, Order, Pickup, StorePayment
from apps.shopper import signin
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

Phone = Callable[[Member | None], Client]


@pytest.fixture
def pickup(siyu: Member, yijun: Staff, store: Store) -> Pickup:
    orders.record([make.order_in(pickup_store_code=store.code)], now=clock.now())
    Order.objects.update(member=siyu)
    orders.refresh_members([siyu.pk], now=clock.now())
    return orders.make_ready(Pickup.objects.get(), by=yijun, now=clock.now())


@pytest.fixture
def cart(siyu: Member, yijun: Staff, store: Store) -> Cart:
    coat = make.product().variants.get(sku="coat-01-M")
    Stock.objects.create(variant=coat, store=store, quantity=1)
    now = clock.now()
    cart = orders.fill_cart(siyu, {coat.pk: 1}, by=yijun, store=store, now=now)
    return orders.send_cart(cart, note="", by=yijun, now=now)


def test_the_qr_is_the_members_own(phone: Phone, siyu: Member, pickup: Pickup) -> None:
    url = f"/m/pickups/{pickup.code}/"

    mine = phone(siyu).get(url)

    assert "<svg" in mine.content.decode()
    assert phone(make.member("別人")).get(url).status_code == 404
    stranger = phone(None).get(url)
    assert stranger.status_code == 302
    assert f"pickup-{pickup.code}" in stranger["Location"]


def test_the_sign_in_leads_back_to_it(pickup: Pickup) -> None:
    target = signin.target_of(f"pickup-{pickup.code}")
    assert signin.destination(target) == f"/m/pickups/{pickup.code}/"
    assert signin.target_of_path(f"/pickups/{pickup.code}/") == target
    assert signin.target_of("pickup-../../x") == signin.CARD


def test_what_is_over_shows_no_qr(
    phone: Phone, siyu: Member, pickup: Pickup, yijun: Staff
) -> None:
    assert pickup.hold_until
    orders.expire_pickups(now=pickup.hold_until)
    shown = phone(siyu).get(f"/m/pickups/{pickup.code}/").content.decode()
    assert "showcode" not in shown
    assert "保留時間已過" in shown


def test_the_chosen_store_says_what_it_lacks(phone: Phone, cart: Cart) -> None:
    url = f"/m/cart/{cart.code}/"
    far = make.store("高雄店", code="ks01")
    client = phone(None)
    assert "店裡有現貨" in client.get(url).content.decode()

    client.post(f"{url}delivery/", {"delivery": far.code})

    assert "店裡少 1 件" in client.get(url).content.decode()
    assert Stock.objects.get().reserved == 0


def test_the_cart_is_kept_and_paid_at_the_store(
    phone: Phone, siyu: Member, cart: Cart, store: Store
) -> None:
    client, url = phone(siyu), f"/m/cart/{cart.code}/"
    assert client.post(f"{url}pay-later/").status_code == 422
    client.post(f"{url}delivery/", {"delivery": store.code})

    for _click in range(2):
        client.post(f"{url}pay-later/")

    payment = StorePayment.objects.get()
    assert Stock.objects.get().reserved == 1
    shown = client.get(url).content.decode()
    assert "應付 NT$3,280" in shown
    assert payment.code[:4] in shown
    assert "應付" in client.get(f"/m/orders/{payment.order_id}/").content.decode()
    waiting = Pickup.objects.get()
    assert "應付" in client.get(f"/m/pickups/{waiting.code}/").content.decode()
