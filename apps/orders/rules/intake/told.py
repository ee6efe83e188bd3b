"""An order as its source tells it: who, when, what and for how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from apps.orders.rules.invoices import InvoiceIn

CURRENCY = "TWD"


@dataclass(frozen=True)
class CustomerIn:
    """By what the source knows the customer; all of it may be missing.

    `shop_id`, `app_id` and `pos_id` are the source's own ids of them.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    line_user_id: str = ""
    card: str = ""
    shop_id: str = ""
    app_id: str = ""
    pos_id: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether there is a key to find the member by."""
        return any(value for name, value in vars(self).items() if name != "name")


@dataclass(frozen=True)
class LineIn:
    """One thing bought; `discount` and `tax` are of the whole line, in NT$.

    `sellers` says who sold how many of its units, by code; the order's seller sold
    the rest.
    """

    external_id: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int = 0
    tax: int = 0
    sellers: tuple[tuple[str, int], ...] = ()

    @property
    def cost(self) -> int:
        """Return what the line costs before its part of the order's discount."""
        return self.quantity * self.unit_price - self.discount


@dataclass(frozen=True)
class OrderIn:
    """One purchase as its source tells it; money in NT$.

    `tax` is included in the prices, `points_discount` in `discount`. `status` may be
    left empty: then payment and cancellation say it.
    """

    source: str
    external_id: str
    channel: str
    placed_at: datetime
    lines: tuple[LineIn, ...]
    paid_at: datetime | None = None
    # When the source last changed the order: with it, versions may come in any order.
    updated_at: datetime | None = None
    reference: str = ""
    customer: CustomerIn = field(default_factory=CustomerIn)
    store_code: str = ""
    seller_code: str = ""
    shipping: int = 0
    discount: int = 0
    status: str = ""
    cancelled_at: datetime | None = None
    currency: str = CURRENCY
    tax: int = 0
    ship_to: str = ""
    cart_code: str = ""  # of the cart of ours that it was made from
    pickup_store_code: str = ""  # where the customer fetches it
    exchange_of: str = ""  # the source's number of the order it is exchanged for
    points_used: int = 0
    points_discount: int = 0
    coupons: tuple[str, ...] = ()  # the codes used
    invoice: InvoiceIn | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what the order is known by."""
        return self.source, self.external_id
