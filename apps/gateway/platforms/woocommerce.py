"""WooCommerce's webhooks, by its REST v3 resources, in our services' words."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from apps.gateway.platforms import reading
from apps.gateway.platforms.reading import Facts, ItemIn, Told, amount, dollars
from apps.gateway.platforms.refunding import Returned, refunds_of
from apps.members.services.records import MemberIn
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn

ORDERS = {"order.created", "order.updated", "order.restored"}
CUSTOMERS = {"customer.created", "customer.updated"}
PRODUCTS = {"product.created", "product.updated"}
# Baskets under way, and what lies in the bin, are no orders.
NO_ORDERS = {"checkout-draft", "auto-draft", "trash"}
# A failed payment may be tried again, so that only these go further than placed.
STATUSES = {"completed": "completed", "cancelled": "cancelled"}
COLOURS = {"color", "colour", "顏色"}
SIZES = {"size", "尺寸", "尺碼"}


def read(topic: str, facts: Facts, *, source: str, now: datetime) -> Told | None:
    """Return what the delivery tells; None for a topic that is nothing to us."""
    if topic in ORDERS and facts.get("status") not in NO_ORDERS:
        return _order(facts, source, now)
    if topic in CUSTOMERS:
        return _customer(facts)
    if topic in PRODUCTS and facts.get("status") != "trash":
        return _product(facts)
    return None


def _order(facts: Facts, source: str, now: datetime) -> Told:
    reading.only_dollars(facts.get("currency"))
    updated_at = reading.told_at(facts.get("date_modified_gmt"), "date_modified_gmt")
    status = str(facts.get("status"))
    paid_at = reading.moment(facts.get("date_paid_gmt"))
    if paid_at is None and status == "completed":  # paid on delivery
        paid_at = reading.moment(facts.get("date_completed_gmt"))
    order = OrderIn(
        source=source,
        external_id=str(facts["id"]),
        channel="web",
        placed_at=reading.told_at(facts.get("date_created_gmt"), "date_created_gmt"),
        lines=tuple(_line(each) for each in facts["line_items"]),
        paid_at=paid_at,
        updated_at=updated_at,
        reference=reading.reference(facts.get("meta_data"), name="key"),
        customer=_buyer(facts),
        shipping=dollars(
            amount(facts.get("shipping_total")) + amount(facts.get("shipping_tax"))
        ),
        status=STATUSES.get(status, ""),
        coupons=reading.coupons(facts.get("coupon_lines") or []),
    )
    returned = [
        Returned(
            external_id=str(each["id"]),
            refunded_at=updated_at,
            money=dollars(abs(amount(each["total"]))),
            reason=reading.text(each.get("reason"), 120),
        )
        for each in sorted(facts.get("refunds") or [], key=lambda each: int(each["id"]))
    ]
    return Told(
        f"orders:{order.external_id}",
        updated_at,
        order=order,
        refunds=refunds_of(order, returned, now=now),
    )


def _line(facts: Facts) -> LineIn:
    """Read a line: its sums are without tax, before and after the coupons."""
    tax = amount(facts.get("total_tax"))
    gross = amount(facts["subtotal"]) + amount(facts.get("subtotal_tax"))
    net = amount(facts["total"]) + tax
    return reading.line(facts["id"], facts, gross=gross, net=net, tax=tax)


def _buyer(facts: Facts) -> CustomerIn:
    """Read who pays; customer 0 bought as a guest."""
    billed = facts.get("billing") or {}
    number = facts.get("customer_id") or ""
    return CustomerIn(
        name=reading.full_name(billed.get("first_name"), billed.get("last_name")),
        phone=reading.phone(billed.get("phone")),
        email=reading.email(billed.get("email")),
        shop_id=str(number),
    )


def _customer(facts: Facts) -> Told:
    number, billed = str(facts["id"]), facts.get("billing") or {}
    name = reading.full_name(facts.get("first_name"), facts.get("last_name"))
    member = MemberIn(
        name=name
        or reading.full_name(billed.get("first_name"), billed.get("last_name")),
        phone=reading.phone(billed.get("phone")),
        email=reading.email(facts.get("email")),
        shop_id=number,
        registered_at=reading.moment(facts.get("date_created_gmt")),
    )
    changed = reading.moment(facts.get("date_modified_gmt"))
    return Told(f"customers:{number}", changed, member=member)


def _product(facts: Facts) -> Told:
    """Read a product; its body names its variations by number only, not their SKUs."""
    shelves = facts.get("categories") or [{}]
    sku = reading.text(facts.get("sku"), 40)
    product = ItemIn(
        code=reading.code_of(facts.get("slug"), facts["id"]),
        name=reading.text(facts["name"], 60),
        category=reading.text(shelves[0].get("name"), 40),
        price=dollars(amount(facts.get("regular_price") or facts.get("price"))),
        description=reading.text(facts.get("description"), 4000),
        path=urlsplit(str(facts.get("permalink") or "")).path[:200],
        is_active=facts.get("status", "publish") == "publish",
        variants=(
            ((sku, _attribute(facts, COLOURS, 20), _attribute(facts, SIZES, 12)),)
            if sku
            else ()
        ),
    )
    changed = reading.moment(facts.get("date_modified_gmt"))
    return Told(f"products:{facts['id']}", changed, product=product)


def _attribute(facts: Facts, names: set[str], most: int) -> str:
    """Return the attribute if the product has it in one kind only."""
    for each in facts.get("attributes") or []:
        options = each.get("options") or []
        if str(each.get("name")).lower() in names and len(options) == 1:
            return reading.text(options[0], most)
    return ""
