"""Scans, payments and returns at the counter: whose they are, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.loyalty.models import CouponIssue, CouponUse
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Order, Pickup, Refund, StorePayment, WriteOff
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.loyalty import coupons

As = Callable[[Staff], Client]
QUERIES = 18


@pytest.fixture
def copy(siyu: Member) -> CouponIssue:
    now = clock.now()
    dates: dict[str, Any] = {
        "valid_from": now - timedelta(9),
        "valid_until": now + timedelta(9),
    }
    return coupons.copy_of(coupons.coupon(**dates), siyu, now=now)


@pytest.fixture
def pickup(siyu: Member, store: Store, lin: Staff) -> Pickup:
    """A coat and two knits that lie ready."""
    orders.record([make.order_in(pickup_store_code=store.code)], now=clock.now())
    Order.objects.update(member=siyu)
    orders.refresh_members([siyu.pk], now=clock.now())
    return orders.make_ready(Pickup.objects.get(), by=lin, now=clock.now())


@pytest.fixture
def payment(store: Store) -> StorePayment:
    orders.record([make.order_in("P-1", paid_at=None)], now=clock.now())
    return orders.await_payment(Order.objects.get(external_id="P-1"), store=store,
                                now=clock.now())  # fmt: skip


def scanned(code: str) -> dict[str, Any]:
    at = (clock.now() - timedelta(minutes=5)).isoformat()
    return {"id": str(uuid4()), "device": str(uuid4()), "code": code, "at": at,
            "amount": 0}  # fmt: skip


def send(client: Client, owner: Staff, *scans: object) -> Any:
    told = {"owner": str(owner.pk), "scans": scans}
    return client.post("/helper/scan/sync/", told, content_type="application/json")


def test_a_code_leads_to_what_it_is_of(
    as_: As, lin: Staff, siyu: Member, copy: CouponIssue, pickup: Pickup,
    payment: StorePayment,
) -> None:  # fmt: skip
    client = as_(lin)

    def led(code: str) -> str:
        answer = client.get("/helper/scan/", {"code": code})
        return answer["Location"] if answer.status_code == 302 else ""

    assert led(pickup.code.lower()) == f"/helper/pickups/{pickup.pk}/"
    assert led(payment.code) == f"/helper/payments/{payment.pk}/"
    assert led(copy.code).startswith("/helper/coupons/redeem/?code=")
    assert led(siyu.number) == f"/helper/customers/{siyu.pk}/"
    assert led("NOBODY") == ""


def test_the_camera_is_for_this_page_only(as_: As, lin: Staff) -> None:
    client = as_(lin)
    assert client.get("/helper/scan/")["Permissions-Policy"] == "camera=(self)"
    assert "worker-src 'self'" in client.get("/helper/scan/")["Content-Security-Policy"]
    assert client.get("/helper/scan/worker.js")["Content-Type"].startswith(
        "text/javascript"
    )


def test_the_page_a_tablet_keeps_knows_nobody(as_: As, lin: Staff) -> None:
    shown = as_(lin).get("/helper/scan/shell/").content.decode()
    assert lin.name not in shown
    assert "data-owner" not in shown


def test_a_tablets_scans_are_answered_each(
    as_: As, lin: Staff, copy: CouponIssue
) -> None:
    client, first, second = as_(lin), scanned(copy.code), scanned(copy.code)

    came = send(client, lin, first, second, {"id": "x"}).json()["answers"]
    again = send(client, lin, first).json()["answers"]

    assert [each["state"] for each in came] == ["accepted", "refused", "refused"]
    assert again == came[:1]
    assert CouponUse.objects.get().staff == lin
    shown = client.get("/helper/scan/").content.decode()
    assert "已經使用過" in shown


def test_nobody_sends_what_another_scanned(
    as_: As, lin: Staff, wang: Staff, copy: CouponIssue
) -> None:
    assert send(as_(wang), lin, scanned(copy.code)).status_code == 422
    assert as_(lin).post("/helper/scan/sync/", b"[", content_type="application/json"
                         ).status_code == 422  # fmt: skip
    assert not WriteOff.objects.exists()


def test_a_refused_scan_is_settled_by_who_sees_it(
    as_: As, lin: Staff, chen: Staff, hq: Staff
) -> None:
    send(as_(lin), lin, scanned("NOBODY"))
    row = WriteOff.objects.get()
    said = {"outcome": "顧客補差額"}

    assert as_(chen).post(f"/helper/scan/{row.pk}/settle/", said).status_code == 404
    as_(lin).post(f"/helper/scan/{row.pk}/settle/", said)

    row.refresh_from_db()
    assert (row.settled_by, row.outcome) == (lin, "顧客補差額")


def test_a_payment_is_taken_once(
    as_: As, lin: Staff, chen: Staff, payment: StorePayment
) -> None:
    url = f"/helper/payments/{payment.pk}/"
    paid = {"receipt": "T-1", "method": "cash"}
    assert as_(chen).get(url).status_code == 404
    assert "在這裡付" in as_(lin).get(url).content.decode()
    assert as_(lin).post(f"{url}take/", {"receipt": ""}).status_code == 422

    for _click in range(2):
        as_(lin).post(f"{url}take/", paid)

    payment.refresh_from_db()
    assert (payment.state, payment.taken_by, payment.method) == ("paid", lin, "cash")
    assert "T-1" in as_(lin).get(url).content.decode()


def test_what_was_let_go_may_wait_on(
    as_: As, lin: Staff, payment: StorePayment
) -> None:
    orders.expire_payments(now=payment.pay_until)
    url = f"/helper/payments/{payment.pk}/"
    assert "期限已過" in as_(lin).get(url).content.decode()

    as_(lin).post(f"{url}wait/")

    payment.refresh_from_db()
    assert payment.state == "waiting"


def test_the_refund_of_the_last_collection_is_seen_first(
    as_: As, lin: Staff, pickup: Pickup
) -> None:
    coat, knits = pickup.lines.values_list("pk", flat=True)
    url = f"/helper/pickups/{pickup.pk}/"
    given = {f"line-{coat}": 1, f"line-{knits}": 1, "is_last": "1"}

    asked = as_(lin).post(f"{url}hand/", given)
    assert "NT$990" in asked.content.decode()
    assert not Refund.objects.exists()
    as_(lin).post(f"{url}hand/", {**given, "seen": "1"})

    assert Refund.objects.get().amount == 990
    pickup.refresh_from_db()
    assert pickup.state == "collected"
    shown = as_(lin).get(url).content.decode()
    assert "取貨短少" in shown
    assert "990" in shown


def test_an_order_of_the_shop_comes_back_at_a_counter(
    as_: As, chen: Staff, pickup: Pickup
) -> None:
    client, order = as_(chen), pickup.order
    found = client.get("/helper/returns/", {"number": "a-1"}).content.decode()
    assert f"/helper/returns/{order.pk}/" in found
    url = f"/helper/returns/{order.pk}/"
    assert "針織衫" in client.get(url).content.decode()
    knits = order.lines.get(external_id="2")
    told = {f"line-{knits.pk}": 1, "cause": "defect", "receipt": "R-1",
            "client_id": uuid4(), "note": ""}  # fmt: skip

    asked = client.post(f"{url}take/", told)
    assert "NT$990" in asked.content.decode()
    for _click in range(2):
        client.post(f"{url}take/", {**told, "amount": 990})
    bare = client.post(f"{url}take/", {**told, f"line-{knits.pk}": 0})

    refund = Refund.objects.get()
    assert (refund.amount, refund.handled_by) == (990, chen)
    assert refund.reason == "商品瑕疵 R-1"
    assert bare.status_code == 422


def test_a_cart_is_ordered_to_be_paid_at_the_store(
    as_: As, lin: Staff, siyu: Member, store: Store
) -> None:
    coat = make.product().variants.get(sku="coat-01-M")
    now = clock.now()
    cart = orders.fill_cart(siyu, {coat.pk: 1}, by=lin, store=store, now=now)
    url = f"/helper/carts/{cart.pk}/pay-here/"

    assert as_(lin).post(url).status_code == 422
    went = as_(lin).post(url, {"ship_to": "台北市中山區"})

    payment = StorePayment.objects.get()
    assert went["Location"] == f"/helper/payments/{payment.pk}/"
    assert (payment.store, payment.order.member) == (store, siyu)


def test_the_lists_take_few_queries(
    as_: As, lin: Staff, payment: StorePayment, pickup: Pickup,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = as_(lin)
    for path in ("scan/", "payments/", "returns/?number=A-1",
                 f"payments/{payment.pk}/", f"pickups/{pickup.pk}/"):  # fmt: skip
        with django_assert_max_num_queries(QUERIES):
            assert client.get(f"/helper/{path}").status_code == 200


def test_hq_sees_what_lies_at_stores_and_follows_up(
    as_: As, lin: Staff, pickup: Pickup
) -> None:
    send(as_(lin), lin, scanned("NOBODY"))
    service = as_(make.staff("客服", role=Staff.Role.SERVICE))
    row = WriteOff.objects.get()

    shown = service.get("/hq/pickups/").content.decode()
    service.post(f"/hq/pickups/scans/{row.pk}/settle/", {"outcome": "已補"})

    assert pickup.order.external_id in shown
    assert "NOBODY" in shown
    assert "請在 12/01 20:00 前取貨" in shown
    row.refresh_from_db()
    assert row.outcome == "已補"
