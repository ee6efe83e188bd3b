"""What shops on platforms send is proved, kept once and recorded."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog.models import Product, Variant
from apps.core import clock
from apps.gateway.models import ShopConnection, ShopEvent
from apps.gateway.platforms import services, tasks
from apps.members.models import Consent, Identity, Member
from apps.orders.models import Order, OrderLine, ParkedRefund, Refund
from tests.gateway import platform_shops as shops

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopify() -> ShopConnection:
    return shops.shop()


@pytest.fixture
def woocommerce() -> ShopConnection:
    return shops.shop("woocommerce", "woo")


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
@pytest.mark.parametrize(
    ("signature", "status"),
    [
        (None, 200),
        ("", 403),
        ("d3Jvbmc=", 403),
        (shops.sign(b"{}", "another-secret"), 403),
        ("號", 403),
    ],
)
def test_only_what_the_shop_signed_is_kept(
    platform: str, signature: str | None, status: int
) -> None:
    answer = shops.send(shops.shop(platform), "orders/create", b"{}",
                        signature=signature)  # fmt: skip
    assert answer.status_code == status
    assert ShopEvent.objects.count() == (1 if status == 200 else 0)


def test_a_shop_that_is_switched_off_or_of_another_platform_is_nobody(
    shopify: ShopConnection,
) -> None:
    services.switch(shopify, is_active=False, by=None, now=clock.now())
    assert shops.send(shopify, "orders/create", b"{}").status_code == 404
    shopify.platform = "woocommerce"
    assert shops.send(shopify, "order.created", b"{}").status_code == 404


def test_the_ping_of_woocommerce_is_answered_and_not_kept(
    woocommerce: ShopConnection,
) -> None:
    answer = shops.send(woocommerce, "", b"webhook_id=12", signature="")
    assert (answer.status_code, ShopEvent.objects.count()) == (200, 0)


def test_a_delivery_is_kept_once_byte_for_byte(shopify: ShopConnection) -> None:
    raw = b'{"id": 1,\t"note": "\\u0000"}'
    for _ in range(2):
        assert shops.send(shopify, "app/uninstalled", raw).status_code == 200
    shops.send(shopify, "app/uninstalled", raw, delivery="d-2")
    assert [bytes(row.body) for row in ShopEvent.objects.all()] == [raw, raw]
    tasks.handle_pending()
    assert set(ShopEvent.objects.values_list("state", flat=True)) == {"ignored"}


def test_an_order_of_shopify_is_recorded(shopify: ShopConnection) -> None:
    row = shops.tell(shopify, "orders/create", shops.body("shopify_order"))
    assert (row.state, row.error) == ("done", "")
    order = Order.objects.get()
    assert (order.source, order.external_id) == ("web-tw", "5678901234567")
    assert (order.goods, order.discount, order.net) == (4760, 452, 4308)
    assert (order.shipping, order.tax, order.status) == (80, 205, "placed")
    assert (order.reference, order.channel) == ("7fK2mQ", "web")
    assert order.member is not None
    assert order.member.name == "陳思妤"
    assert order.member.phone == "+886912345678"
    assert sorted(OrderLine.objects.values_list("quantity", "net")) == [
        (1, 2004), (2, 2304),
    ]  # fmt: skip
    shopify.refresh_from_db()
    assert shopify.last_at == row.received_at


def test_a_paid_shipped_and_cancelled_order_of_shopify(shopify: ShopConnection) -> None:
    facts = shops.body(
        "shopify_order", financial_status="paid", fulfillment_status="fulfilled"
    )
    shops.tell(shopify, "orders/fulfilled", facts)
    assert Order.objects.get().status == "shipped"
    facts |= {"cancelled_at": "2026-11-12T08:00:00+08:00",
              "updated_at": "2026-11-12T08:00:00+08:00"}  # fmt: skip
    shops.tell(shopify, "orders/cancelled", facts)
    order = Order.objects.get()
    assert (order.status, order.refunded) == ("cancelled", order.net)


def test_tax_on_top_is_part_of_the_price(shopify: ShopConnection) -> None:
    facts = shops.body("shopify_order", taxes_included=False)
    shops.tell(shopify, "orders/create", facts)
    order = Order.objects.get()
    assert (order.net, order.tax) == (4308 + 205, 205)


def test_a_discount_that_no_line_carries_is_split(shopify: ShopConnection) -> None:
    facts = shops.body("shopify_order")
    for line in facts["line_items"]:
        line["discount_allocations"] = []
    shops.tell(shopify, "orders/create", facts)
    assert Order.objects.get().net == 4308


def test_a_refund_waits_for_its_order(shopify: ShopConnection) -> None:
    refund = shops.body("shopify_refund")
    assert shops.tell(shopify, "refunds/create", refund).state == "done"
    assert ParkedRefund.objects.count() == 1
    paid = shops.body("shopify_order", financial_status="partially_refunded",
                      refunds=[refund])  # fmt: skip
    assert shops.tell(shopify, "orders/updated", paid).state == "done"
    assert not ParkedRefund.objects.exists()
    assert Refund.objects.get().amount == Order.objects.get().refunded == 1152


def test_goods_put_back_without_money_are_no_refund(shopify: ShopConnection) -> None:
    refund = shops.body("shopify_refund", transactions=[])
    assert shops.tell(shopify, "refunds/create", refund).state == "ignored"


def test_less_money_than_the_pieces_cost_is_less_of_the_line(
    shopify: ShopConnection,
) -> None:
    paid = shops.body("shopify_order", financial_status="paid")
    shops.tell(shopify, "orders/paid", paid)
    refund = shops.body("shopify_refund")
    refund["transactions"][0]["amount"] = "1052.00"
    shops.tell(shopify, "refunds/create", refund)
    assert Order.objects.get().refunded == 1052


def test_money_without_lines_is_taken_from_all(shopify: ShopConnection) -> None:
    refund = shops.body("shopify_refund", refund_line_items=[])
    refund["transactions"][0]["amount"] = "500.00"
    paid = shops.body("shopify_order", financial_status="partially_refunded",
                      refunds=[refund])  # fmt: skip
    assert shops.tell(shopify, "refunds/create", refund).state == "ignored"
    assert shops.tell(shopify, "orders/updated", paid).state == "done"
    assert Order.objects.get().refunded == 500


def test_an_order_of_woocommerce_is_recorded(woocommerce: ShopConnection) -> None:
    facts = shops.body("woocommerce_order", status="processing",
                       date_paid_gmt="2026-11-12T03:00:00",
                       date_modified_gmt="2026-11-12T03:00:00")  # fmt: skip
    row = shops.tell(woocommerce, "order.updated", facts)
    assert (row.state, row.error) == ("done", "")
    order = Order.objects.get()
    assert (order.goods, order.net, order.tax) == (3500, 3200, 152)
    assert (order.shipping, order.status, order.reference) == (80, "paid", "9pQ4tX")
    assert order.paid_at is not None
    assert order.paid_at.isoformat() == "2026-11-12T03:00:00+00:00"
    assert order.member is not None
    assert order.member.phone == "+886922111222"
    refunds = [{"id": 3110, "reason": "瑕疵", "total": "-500"},
               {"id": 3120, "reason": "", "total": "-2780"}]  # fmt: skip
    facts |= {"status": "refunded", "refunds": refunds,
              "date_modified_gmt": "2026-11-13T03:00:00"}  # fmt: skip
    assert shops.tell(woocommerce, "order.updated", facts, "d-2").state == "done"
    order.refresh_from_db()
    assert (order.refunded, Refund.objects.count()) == (3200, 2)


def test_a_basket_under_way_is_no_order(woocommerce: ShopConnection) -> None:
    facts = shops.body("woocommerce_order", status="checkout-draft")
    assert shops.tell(woocommerce, "order.created", facts).state == "ignored"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"currency": "USD"}, "currency USD: only TWD can be recorded"),
        ({"line_items": []}, "lines: must be 1 to 500"),
        ({"line_items": [{"id": 1, "quantity": 1}]}, "price is missing"),
        ({"line_items": 5}, "not as the platform writes it"),
        ({"created_at": None, "processed_at": None}, "created_at is missing"),
    ],
)
def test_what_cannot_be_mapped_is_dead_and_says_why(
    shopify: ShopConnection, changes: dict[str, Any], why: str
) -> None:
    facts = shops.body("shopify_order", **changes)
    row = shops.tell(shopify, "orders/create", facts)
    assert (row.state, row.attempts) == ("dead", 1)
    assert why in row.error


@pytest.mark.parametrize("raw", [b"no json", b"[1]", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_dead(shopify: ShopConnection, raw: bytes) -> None:
    row = shops.tell(shopify, "orders/create", raw)
    assert (row.state, row.error[:8]) == ("dead", "the body")


def test_a_dead_delivery_is_handled_once_more(shopify: ShopConnection) -> None:
    row = shops.tell(shopify, "orders/create", b"no json")
    for moved in (1, 0):
        assert services.requeue([row], by=None, now=clock.now()) == moved
    tasks.handle_pending()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("dead", 1)


def test_a_delivery_that_kills_its_workers_is_given_up(shopify: ShopConnection) -> None:
    shops.send(shopify, "orders/create", shops.body("shopify_order"))
    ShopEvent.objects.update(attempts=tasks.MOST_ATTEMPTS)
    tasks.handle_pending()
    row = ShopEvent.objects.get()
    assert (row.state, row.error) == ("dead", "its workers ended before it was done")


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_latest_version_of_a_customer_stands(
    shopify: ShopConnection, *, newest_first: bool
) -> None:
    older = shops.body("shopify_customer", first_name="思予")
    newer = shops.body("shopify_customer", updated_at="2026-11-11T09:00:00+08:00")
    told = [(older, "d-1"), (newer, "d-2")]
    for facts, delivery in reversed(told) if newest_first else told:
        shops.tell(shopify, "customers/update", facts, delivery)
    member = Member.objects.get()
    assert (member.name, member.stage) == ("陳思妤", "registered")
    assert Identity.objects.filter(kind="shop", system="web-tw").count() == 1
    assert Consent.objects.get(channel="email").is_granted


def test_a_customer_and_a_product_of_woocommerce(woocommerce: ShopConnection) -> None:
    shops.tell(woocommerce, "customer.created", shops.body("woocommerce_customer"))
    assert Member.objects.get().name == "王佳穎"
    shops.tell(woocommerce, "product.updated", shops.body("woocommerce_product"))
    product = Product.objects.get()
    assert (product.code, product.price) == ("wool-trousers", 1980)
    assert (product.path, product.category.name) == ("/product/wool-trousers/", "褲裝")
    variant = Variant.objects.get()
    assert (variant.sku, variant.color, variant.size) == ("PANTS-GY-M", "灰", "M")


def test_a_product_of_shopify_keeps_what_only_we_know(shopify: ShopConnection) -> None:
    facts = shops.body("shopify_product")
    shops.tell(shopify, "products/update", facts)
    Product.objects.update(name_en="Merino knit", art="knit", hue=20)
    facts |= {"title": "美麗諾羊毛衫", "updated_at": "2026-11-02T09:00:00+08:00"}
    shops.tell(shopify, "products/update", facts, "d-2")
    product = Product.objects.get()
    assert (product.name, product.name_en) == ("美麗諾羊毛衫", "Merino knit")
    assert (product.art, product.hue, product.price) == ("knit", 20, 1280)
    assert sorted(Variant.objects.values_list("sku", "color", "size")) == [
        ("KNIT-CM-F", "駝色", "F"), ("KNIT-OW-F", "米白", "F"),
    ]  # fmt: skip
