"""Orders and their lines as rows of their tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from apps.orders.rules.intake import Priced
from apps.orders.services.lookup import Known

# The columns with their types, in the order in which the rows have them.
ORDER_COLUMNS = {
    "id": "bigint", "source": "text", "external_id": "text",
    "received_at": "timestamptz", "refunded": "int", "channel": "text",
    "store_id": "bigint", "member_id": "bigint", "matched_by": "text",
    "seller_id": "bigint", "placed_at": "timestamptz", "paid_at": "timestamptz",
    "status": "text", "cancelled_at": "timestamptz", "done_at": "timestamptz",
    "revised_at": "timestamptz",
    "goods": "int", "discount": "int", "shipping": "int", "net": "int", "tax": "int",
    "ship_to": "text", "cart_id": "bigint", "exchange_of": "text",
    "points_used": "int", "points_discount": "int", "coupons": "text[]",
    "reference": "text", "digest": "bytea", "credit_due_at": "timestamptz",
}  # fmt: skip
LINE_COLUMNS = {
    "order_id": "bigint", "external_id": "text", "position": "int", "sku": "text",
    "name": "text", "variant_id": "bigint", "product_id": "bigint",
    "quantity": "int", "unit_price": "int", "discount": "int", "net": "int",
    "tax": "int",
}  # fmt: skip
NOTHING = (None, None)


class Owner(NamedTuple):
    """Whose an order is, and the kind of the key that said so."""

    member_id: int | None = None
    matched_by: str = ""


def order_row(
    each: Priced, owner: Owner, known: Known, now: datetime
) -> tuple[Any, ...]:
    """Return the order's values, in the order of the columns after the id."""
    order = each.order
    return (
        order.source, order.external_id, now, 0, order.channel,
        known.stores.get(order.store_code), owner.member_id, owner.matched_by,
        known.staff.get(order.seller_code), order.placed_at, order.paid_at,
        each.status, order.cancelled_at, each.done_at, order.updated_at, each.goods,
        each.discount, order.shipping, each.net, each.tax, order.ship_to,
        known.carts.get(order.cart_code), order.exchange_of, order.points_used,
        order.points_discount, list(order.coupons), order.reference, each.digest, now,
    )  # fmt: skip


def line_rows(each: Priced, known: Known) -> Iterator[tuple[Any, ...]]:
    """Return the lines' values, in the order of the columns after the order."""
    for position, priced in enumerate(each.lines, start=1):
        line = priced.line
        yield (
            line.external_id, position, line.sku, line.name,
            *known.variants.get(line.sku, NOTHING), line.quantity, line.unit_price,
            priced.discount, priced.net, priced.tax,
        )  # fmt: skip
