"""Payments at stores, and what a store can hand over, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.catalog.models import Stock
from apps.core import clock
from apps.orders.models import Order, Reservation, StorePayment
from apps.stores.models import Store
from tests import make
from tests.doors.gateway.conftest import Call
from tests.doors.gateway.test_api import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make.store(code="tp01")


@pytest.fixture
def shelf(store: Store) -> Stock:
    coat = make.product().variants.get(sku="coat-01-M")
    return Stock.objects.create(variant=coat, store=store, quantity=2)


@pytest.fixture
def unpaid(call: Call, shelf: Stock) -> dict[str, Any]:
    """An order that the shop let be paid at the store."""
    call("POST", "orders", {"orders": [order(paid_at=None)]})
    told = call("POST", "orders/shop/A-1/pay-in-store", {"store_code": "tp01"})
    assert told.status_code == 200, told.content
    shown: dict[str, Any] = told.json()
    return shown


PAID = {"receipt": "T-1", "method": "card", "store_code": "tp01"}


def test_a_till_reads_what_is_to_be_paid_and_says_it_was(
    call: Call, unpaid: dict[str, Any]
) -> None:
    url = f"store-payments/{unpaid['code']}"
    assert call("GET", url).json() == unpaid
    due = Order.objects.get().net + Order.objects.get().shipping
    assert (unpaid["state"], unpaid["due"]) == ("waiting", due)

    first = call("POST", f"{url}/paid", PAID).json()
    again = call("POST", f"{url}/paid", PAID).json()
    other = call("POST", f"{url}/paid", {**PAID, "receipt": "T-2"})

    assert first == again
    assert (first["state"], first["receipt"], first["method"]) == (
        "paid",
        "T-1",
        "card",
    )
    assert (other.status_code, other.json()["code"]) == (422, "already_paid")
    assert Order.objects.get().status == "paid"


def test_what_is_over_is_not_paid(call: Call, unpaid: dict[str, Any]) -> None:
    StorePayment.objects.update(pay_until=clock.now() - timedelta(hours=1))
    late = call("POST", f"store-payments/{unpaid['code']}/paid", PAID)
    assert (late.status_code, late.json()["code"]) == (422, "payment_expired")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "store-payments/none", None, 404),
        ("POST", "store-payments/none/paid", PAID, 404),
        ("POST", "orders/shop/none/pay-in-store", {"store_code": "tp01"}, 404),
        ("POST", "orders/shop/A-1/pay-in-store", {"store_code": "no"}, 422),
        ("PUT", "carts/none/reservation", {"store_code": "tp01"}, 404),
        ("DELETE", "carts/none/reservation", None, 404),
    ],
)
def test_what_nobody_knows(
    call: Call, unpaid: object, method: str, path: str, body: object, status: int
) -> None:
    assert call(method, path, body).status_code == status


def test_a_basket_is_looked_up_at_a_store(call: Call, shelf: Stock) -> None:
    lines = [{"sku": "coat-01-M", "quantity": 2}, {"sku": "no", "quantity": 1}]

    told = call("POST", "stock/availability", {"store_code": "tp01", "lines": lines})
    fine = call(
        "POST", "stock/availability", {"store_code": "tp01", "lines": lines[:1]}
    )

    assert told.json() == {
        "store_code": "tp01", "has_all": False,
        "lines": [{"sku": "coat-01-M", "wanted": 2, "available": 2},
                  {"sku": "no", "wanted": 1, "available": 0}],
    }  # fmt: skip
    assert fine.json()["has_all"] is True


def test_a_cart_is_kept_for_a_time_and_let_go(call: Call, shelf: Stock) -> None:
    lines = [{"sku": "coat-01-M", "quantity": 2}]
    cart = {"source": "shop", "external_id": "c1", "lines": lines}
    mine = call("POST", "carts", cart).json()["code"]
    other = call("POST", "carts", {**cart, "external_id": "c2"}).json()["code"]
    asked = {"store_code": "tp01", "minutes": 20}

    kept = call("PUT", f"carts/{mine}/reservation", asked)
    refused = call("PUT", f"carts/{other}/reservation", asked)

    assert kept.json()["lines"] == lines
    until = Reservation.objects.get().until - clock.now()
    assert timedelta(minutes=19) < until <= timedelta(minutes=20)
    assert (refused.status_code, refused.json()["code"]) == (422, "out_of_stock")
    assert call("DELETE", f"carts/{mine}/reservation").status_code == 204
    shelf.refresh_from_db()
    assert shelf.reserved == 0
