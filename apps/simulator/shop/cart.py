"""The cart, kept in a signed cookie; and the order that it becomes."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core import clock
from apps.simulator.shop.api import Product, Variant

COOKIE = "shop_cart"
SENT = "shop_sent_cart"  # what the link of a cart that somebody filled came with
REFERENCE = "rg"
REFERENCE_SECONDS = 30 * 24 * 3600
MOST = 9
SOURCE = "web"
FREE_SHIPPING_FROM = 2000
SHIPPING = 80


@dataclass(frozen=True)
class Line:
    """A line of the cart."""

    product: Product
    variant: Variant
    quantity: int

    @property
    def amount(self) -> int:
        """Price times quantity, in NT$."""
        return self.variant.price * self.quantity


@dataclass(frozen=True)
class Cart:
    """What is to be bought, and what that costs."""

    lines: list[Line]

    @property
    def amount(self) -> int:
        """The goods, in NT$."""
        return sum(line.amount for line in self.lines)

    @property
    def shipping(self) -> int:
        """Free from NT$2,000 on."""
        return 0 if not self.lines or self.amount >= FREE_SHIPPING_FROM else SHIPPING

    @property
    def total(self) -> int:
        """Goods and shipping, in NT$."""
        return self.amount + self.shipping


def quantities(request: HttpRequest) -> dict[str, int]:
    """Return the quantity of each SKU in the visitor's cart."""
    raw = request.get_signed_cookie(COOKIE, default="{}") or "{}"
    return {str(sku): int(count) for sku, count in json.loads(raw).items()}


def keep(response: HttpResponse, wanted: dict[str, int]) -> HttpResponse:
    """Store the cart in the visitor's browser."""
    kept = {sku: min(count, MOST) for sku, count in wanted.items() if count > 0}
    response.set_signed_cookie(COOKIE, json.dumps(kept), httponly=True, samesite="Lax")
    return response


def filled(wanted: dict[str, int], products: list[Product]) -> Cart:
    """Return the cart with its products; what is no longer sold is left out."""
    by_sku = {
        one.sku: (product, one) for product in products for one in product.variants
    }
    return Cart(
        [
            Line(*by_sku[sku], quantity=count)
            for sku, count in wanted.items()
            if sku in by_sku
        ]
    )


@dataclass(frozen=True)
class Sent:
    """The cart that a link brought: its code, and where it is to be fetched."""

    code: str = ""
    pickup: str = ""


def taken_over(request: HttpRequest) -> dict[str, int] | None:
    """Return the pieces by SKU that the address asks for, None where it asks nothing.

    They are written SKU*count, parted by commas.
    """
    asked = request.GET.get("items", "")
    pairs = [each.rpartition("*") for each in asked.split(",") if "*" in each]
    wanted = {sku: int(count) for sku, _star, count in pairs if count.isdigit()}
    return wanted or None


def sent(request: HttpRequest) -> Sent:
    """Return what the visitor's browser remembers of a cart's link."""
    raw = request.get_signed_cookie(SENT, default="{}") or "{}"
    return Sent(**json.loads(raw))


def keep_sent(response: HttpResponse, cart: Sent) -> HttpResponse:
    """Remember the cart's link until it is bought."""
    response.set_signed_cookie(
        SENT, json.dumps(vars(cart)), httponly=True, samesite="Lax"
    )
    return response


def reference(request: HttpRequest) -> str:
    """Return the reference of the tracked link that brought the visitor, if any."""
    given = request.GET.get(REFERENCE) or request.COOKIES.get(REFERENCE) or ""
    return given[:200]


def order(
    cart: Cart,
    customer: dict[str, str],
    referred_by: str,
    sent: Sent,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return the order in the API's shape."""
    number = f"W{clock.day_of(now):%y%m%d}{secrets.token_hex(4).upper()}"
    return {
        "source": SOURCE,
        "external_id": number,
        "channel": "web",
        "placed_at": now.isoformat(),
        "paid_at": now.isoformat(),
        "reference": referred_by,
        "customer": customer,
        "shipping": 0 if sent.pickup else cart.shipping,
        "cart_code": sent.code,
        "pickup_store_code": sent.pickup,
        "discount": 0,
        "lines": [
            {
                "external_id": f"{number}-{index}",
                "sku": line.variant.sku,
                "name": line.product.name,
                "quantity": line.quantity,
                "unit_price": line.variant.price,
                "discount": 0,
            }
            for index, line in enumerate(cart.lines, 1)
        ],
    }


def refund(body: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return the refund of a whole order in the API's shape."""
    return {
        "external_id": f"{body['external_id']}-R",
        "refunded_at": now.isoformat(),
        "reason": "七日鑑賞期退貨",
        "lines": [
            {
                "line_external_id": line["external_id"],
                "quantity": line["quantity"],
                "amount": line["quantity"] * line["unit_price"] - line["discount"],
            }
            for line in body["lines"]
        ],
    }
