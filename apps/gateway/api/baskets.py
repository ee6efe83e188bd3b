"""What a till tells of a basket's goods, for coupons and points alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from ninja import Field, Schema

from apps.catalog.models import Variant
from apps.gateway.api.schemas import Amount, text_of
from apps.loyalty import services as loyalty


class BasketLine(Schema):
    """A line of the basket."""

    sku: Annotated[str, text_of(40, "A variant's SKU; others count as goods", 0)] = ""
    amount: Amount = Field(description="NT$ to pay for the line")


def items_of(lines: Sequence[BasketLine]) -> tuple[loyalty.BasketItem, ...]:
    """Return the lines with the products and categories that we know (one query)."""
    if not lines:
        return ()
    found = Variant.objects.filter(sku__in={line.sku for line in lines})
    known = {
        sku: (product, category)
        for sku, product, category in found.values_list(
            "sku", "product_id", "product__category_id"
        )
    }
    return tuple(
        loyalty.BasketItem(line.amount, *known.get(line.sku, (None, None)))
        for line in lines
    )
