"""Shopify's webhooks, by its Admin REST resources, in our services' words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from apps.core.money import split
from apps.gateway.platforms import reading
from apps.gateway.platforms.reading import Facts, ItemIn, Told, amount, dollars
from apps.gateway.platforms.refunding import Returned, refunds_of
from apps.members.services.records import MemberIn
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.rules.refunds import RefundIn, RefundLineIn

ORDERS = {
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
}
CUSTOMERS = {"customers/create", "customers/update"}
PRODUCTS = {"products/create", "products/update"}
# The money came, whatever was given back since.
PAID = {"paid", "partially_refunded", "refunded"}
COLOURS = {"color", "colour", "顏色"}
SIZES = {"size", "尺寸", "尺碼"}


def read(topic: str, facts: Facts, *, source: str, now: datetime) -> Told | None:
    """Return what the delivery tells; None for a topic that is nothing to us."""
    if topic in ORDERS:
        return _order(facts, source, now)
    if topic == "refunds/create":
        return _refund(facts, source)
    if topic in CUSTOMERS:
        return _customer(facts)
    if topic in PRODUCTS:
        return _product(facts)
    return None


def _order(facts: Facts, source: str, now: datetime) -> Told:
    reading.only_dollars(facts.get("currency"))
    placed_at = reading.told_at(
        facts.get("processed_at") or facts.get("created_at"), "created_at"
    )
    is_paid = facts.get("financial_status") in PAID
    updated_at = reading.moment(facts.get("updated_at"))
    lines = tuple(_line(each, facts) for each in facts["line_items"])
    order = OrderIn(
        source=source,
        external_id=str(facts["id"]),
        channel="web",
        placed_at=placed_at,
        lines=lines,
        # Shopify tells that it was paid, not when.
        paid_at=placed_at if is_paid else None,
        updated_at=updated_at,
        reference=reading.reference(facts.get("note_attributes"), name="name"),
        customer=_buyer(facts),
        shipping=_shipping(facts),
        discount=_unallocated(facts, lines),
        status="shipped" if facts.get("fulfillment_status") == "fulfilled" else "",
        cancelled_at=reading.moment(facts.get("cancelled_at")),
        coupons=reading.coupons(facts.get("discount_codes") or []),
    )
    returned = [_returned(each) for each in facts.get("refunds") or []]
    told = [each for each in returned if each.money > 0]
    return Told(
        f"orders:{order.external_id}",
        updated_at,
        order=order,
        refunds=refunds_of(order, told, now=now),
    )


def _line(facts: Facts, order: Facts) -> LineIn:
    """Count every allocated discount; an older body has the line's own only."""
    allocated = facts.get("discount_allocations") or []
    off = sum((amount(each["amount"]) for each in allocated), Decimal())
    if not allocated:
        off = amount(facts.get("total_discount"))
    tax = sum((amount(each["price"]) for each in facts.get("tax_lines") or []),
              Decimal())  # fmt: skip
    on_top = Decimal() if order.get("taxes_included") else tax
    gross = amount(facts["price"]) * int(facts["quantity"]) + on_top
    return reading.line(facts["id"], facts, gross=gross, net=gross - off, tax=tax)


def _unallocated(facts: Facts, lines: tuple[LineIn, ...]) -> int:
    """Return the order's discount that its lines do not carry."""
    if any(each.get("discount_allocations") for each in facts["line_items"]):
        return 0
    own = sum((amount(each.get("total_discount")) for each in facts["line_items"]),
              Decimal())  # fmt: skip
    rest = dollars(amount(facts.get("total_discounts")) - own)
    return max(0, min(rest, sum(line.cost for line in lines)))


def _shipping(facts: Facts) -> int:
    lines = facts.get("shipping_lines") or []
    return dollars(
        sum(
            (amount(each.get("discounted_price", each.get("price"))) for each in lines),
            Decimal(),
        )
    )


def _buyer(facts: Facts) -> CustomerIn:
    person = facts.get("customer") or {}
    billed = facts.get("billing_address") or {}
    name = reading.full_name(person.get("first_name"), person.get("last_name"))
    return CustomerIn(
        name=name or reading.text(billed.get("name"), 60),
        phone=reading.phone(
            facts.get("phone"), person.get("phone"), billed.get("phone")
        ),
        email=reading.email(facts.get("email") or person.get("email")),
        shop_id=reading.text(person.get("id"), 120),
    )


def _refund(facts: Facts, source: str) -> Told:
    """Read a refund; one without lines comes with its order, which knows the lines."""
    refund = _returned(facts)
    order = str(facts["order_id"])
    found: tuple[RefundIn, ...] = ()
    if refund.money > 0 and refund.lines:
        found = (refund.of(source, order),)
    return Told(f"refunds:{refund.external_id}", None, refunds=found)


def _returned(facts: Facts) -> Returned:
    """Read the money that went back; goods put back without money are no refund.

    Pieces are worth what was paid for them, unless less than that was given.
    """
    items = facts.get("refund_line_items") or []
    paid_back = [
        each
        for each in facts.get("transactions") or []
        if each.get("kind") == "refund" and each.get("status") == "success"
    ]
    for each in paid_back:
        reading.only_dollars(each.get("currency") or "TWD")
    given = sum((amount(each["amount"]) for each in paid_back), Decimal())
    money = dollars(given - _given_for_shipping(facts))
    goods = [dollars(amount(each.get("subtotal"))) for each in items]
    less = split(money, goods) if 0 < money < sum(goods) else None
    lines = tuple(
        RefundLineIn(
            str(each["line_item_id"]),
            int(each["quantity"]),
            None if less is None else less[at],
        )
        for at, each in enumerate(items)
    )
    return Returned(
        external_id=str(facts["id"]),
        refunded_at=reading.told_at(
            facts.get("processed_at") or facts.get("created_at"), "created_at"
        ),
        money=money,
        reason=reading.text(facts.get("note"), 120),
        lines=lines,
    )


def _given_for_shipping(facts: Facts) -> Decimal:
    return sum(
        (
            abs(amount(each.get("amount"))) + abs(amount(each.get("tax_amount")))
            for each in facts.get("order_adjustments") or []
            if each.get("kind") == "shipping_refund"
        ),
        Decimal(),
    )


def _customer(facts: Facts) -> Told:
    number = str(facts["id"])
    asked = facts.get("email_marketing_consent") or {}
    wish = {"subscribed": True, "unsubscribed": False}.get(str(asked.get("state")))
    has_account = facts.get("state") == "enabled"
    member = MemberIn(
        name=reading.full_name(facts.get("first_name"), facts.get("last_name")),
        phone=reading.phone(facts.get("phone")),
        email=reading.email(facts.get("email")),
        shop_id=number,
        is_registered=has_account,
        registered_at=reading.moment(facts.get("created_at")) if has_account else None,
        marketing={} if wish is None else {"email": wish},
    )
    changed = reading.moment(facts.get("updated_at"))
    return Told(f"customers:{number}", changed, member=member)


def _product(facts: Facts) -> Told:
    variants = facts.get("variants") or []
    options = {
        int(each["position"]): str(each["name"]).strip().lower()
        for each in facts.get("options") or []
    }
    product = ItemIn(
        code=reading.code_of(facts.get("handle"), facts["id"]),
        name=reading.text(facts["title"], 60),
        category=reading.text(facts.get("product_type"), 40),
        price=dollars(min((amount(each["price"]) for each in variants),
                          default=Decimal())),
        description=reading.text(facts.get("body_html"), 4000),
        path=f"/products/{facts.get('handle')}"[:200],
        is_active=facts.get("status", "active") == "active",
        variants=tuple(
            (
                reading.text(each["sku"], 40),
                _option(each, options, COLOURS, 20),
                _option(each, options, SIZES, 12),
            )
            for each in variants
            if each.get("sku")
        ),
    )  # fmt: skip
    changed = reading.moment(facts.get("updated_at"))
    return Told(f"products:{facts['id']}", changed, product=product)


def _option(variant: Facts, options: dict[int, str], names: set[str], most: int) -> str:
    found = (at for at, name in options.items() if name in names)
    return reading.text(variant.get(f"option{next(found, 0)}"), most)
