"""Orders in full, their fulfilment, stock and carts through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.attribution.models import Touch
from apps.catalog.models import Variant
from apps.core import clock
from apps.members import services as members
from apps.orders import services as orders
from apps.orders.models import Cart, LineSeller, Order
from tests import make
from tests.doors.gateway.conftest import Call
from tests.doors.gateway.test_api import order

pytestmark = pytest.mark.django_db


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    told: list[dict[str, Any]] = answer.json()["results"]
    return told


def test_an_order_says_all_it_knows(call: Call) -> None:
    store = make.store(code="tp01")
    make.staff(at=store, code="lin")
    make.product()
    siyu = make.member()
    members.link_key(siyu, "card", "AB1", by=None, now=clock.now())
    line = {**order()["lines"][0], "quantity": 2, "tax": 10,
            "sellers": [{"code": "lin", "quantity": 1}]}  # fmt: skip
    full = order(
        customer={"card": "ab-1", "shop_id": "c-1"}, lines=[line], status="shipped",
        updated_at="2026-11-02T21:13:00+08:00", ship_to="台北市", points_used=10,
        points_discount=10, coupons=["ABCD2345"], exchange_of="A-0",
        pickup_store_code="tp01",
    )  # fmt: skip

    (told,) = results(call("POST", "orders", {"orders": [full]}))

    assert told["status"] == "new", told
    row = Order.objects.get()
    assert (row.member, row.status, row.tax) == (siyu, "shipped", 10)
    assert (row.points_used, row.coupons, row.exchange_of) == (10, ["ABCD2345"], "A-0")
    assert LineSeller.objects.get().quantity == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"pickup_store_code": "nowhere"}, "pickup_store_code"),
        ({"points_discount": 90}, "points_discount"),
        ({"coupons": [""]}, "coupons.0"),
        ({"customer": {"card": "\u0000"}}, "customer.card"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_an_order_out_of_range_names_its_field(
    call: Call, facts: dict[str, Any], field: str
) -> None:
    (told,) = results(call("POST", "orders", {"orders": [order(**facts)]}))
    assert (told["status"], told["field"]) == ("rejected", field)


def step(status: str, number: str = "A-1", **facts: Any) -> dict[str, Any]:
    at = "2026-11-02T10:00:00+08:00"
    return {"source": "shop", "external_id": number, "status": status, "at": at,
            **facts}  # fmt: skip


def test_orders_go_forward_and_never_back(call: Call) -> None:
    batch = [order(), order("A-2", paid_at=None)]
    call("POST", "orders", {"orders": batch})
    steps = [
        step("shipped"), step("completed"), step("shipped"), step("completed", "A-2"),
        step("shipped", "A-9"), step("lost"), step("shipped", at="2999-01-01T00:00Z"),
    ]  # fmt: skip

    told = results(call("POST", "fulfilments", {"fulfilments": steps}))

    assert [each["status"] for each in told] == [
        "changed", "changed", "unchanged", "rejected", "rejected", "rejected",
        "rejected",
    ]  # fmt: skip
    assert [each.get("field") for each in told[3:]] == [
        "status", "external_id", "status", "at",
    ]  # fmt: skip
    assert Order.objects.get(external_id="A-1").status == "completed"
    (again,) = results(call("POST", "orders", {"orders": [order()]}))
    assert again["status"] == "unchanged"


def test_stock_is_set_and_read_without_what_is_kept(call: Call) -> None:
    store = make.store(code="tp01")
    make.product()
    level = {"sku": "coat-01-M", "store_code": "tp01", "quantity": 5}
    batch = [
        level, {**level, "sku": "no"}, {**level, "store_code": "no"},
        {**level, "sku": "coat-01-S", "quantity": -1},
    ]  # fmt: skip

    told = results(call("PUT", "stock", {"stock": batch}))
    again = results(call("PUT", "stock", {"stock": [level]}))
    variant = Variant.objects.get(sku="coat-01-M")
    now = clock.now()
    orders.reserve_stock(
        {variant.pk: 2}, store=store, until=now + timedelta(days=1), now=now,
        order=make.order(None),
    )  # fmt: skip
    other = results(call("PUT", "stock", {"stock": [{**level, "quantity": 4}]}))
    here = call("GET", "stock?sku=coat-01-M").json()

    assert [each["status"] for each in told] == ["new", *["rejected"] * 3]
    assert [each["field"] for each in told[1:]] == ["sku", "store_code", "quantity"]
    assert (again[0]["status"], other[0]["status"]) == ("unchanged", "changed")
    assert here["available"] == 2
    assert here["stores"] == [
        {"store_code": "tp01", "quantity": 4, "reserved": 2, "available": 2}
    ]
    assert call("GET", "stock?sku=no").status_code == 404


def test_a_shop_reports_a_cart_until_it_is_empty(call: Call) -> None:
    make.product()
    lines = [{"sku": "coat-01-M", "quantity": 1}, {"sku": "coat-01-M", "quantity": 1},
             {"sku": "no", "quantity": 1}]  # fmt: skip
    cart = {"source": "shop", "external_id": "c1", "lines": lines,
            "customer": {"phone": "0912345678"}}  # fmt: skip

    first = call("POST", "carts", cart).json()
    read = call("GET", f"carts/{first['code']}").json()
    emptied = call("POST", "carts", {**cart, "lines": []}).json()

    assert (first["state"], first["lines"][0]["quantity"]) == ("open", 2)
    assert read == first
    assert first["member_number"]
    assert (emptied["code"], emptied["state"]) == (first["code"], "abandoned")
    assert call("GET", "carts/none").status_code == 404


def test_a_cart_opened_in_the_shop_is_the_salespersons_touch(call: Call) -> None:
    now, store = clock.now(), make.store()
    lin, siyu = make.staff(at=store), make.member()
    variant = make.product().variants.first()
    assert variant
    cart = orders.fill_cart(siyu, {variant.pk: 1}, by=lin, store=store, now=now)
    orders.send_cart(cart, note="", by=lin, now=now)

    first = call("POST", f"carts/{cart.code}/opened").json()
    again = call("POST", f"carts/{cart.code}/opened").json()
    Cart.objects.update(expires_at=now - timedelta(hours=1))
    late = call("POST", f"carts/{cart.code}/opened")

    assert first["opened_at"] == again["opened_at"]
    assert Touch.objects.get(kind="cart_opened").staff == lin
    assert (late.status_code, late.json()["code"]) == (422, "cart_closed")
