"""Carts: those a shop reports, and those of salespeople that the shop opens.

Annotations are real here, not postponed: see `orders`.
"""

from datetime import datetime
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Path, Router, Schema

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.core import clock
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.orders import services as orders
from apps.orders.models import Cart

router = Router(tags=["Carts"])
WRITE = ApiKeyAuth("carts:write")
Code = Annotated[
    str,
    Path(max_length=13, pattern=schemas.PRINTABLE, description="The cart's code"),
]


class Pieces(Schema):
    """A variant in the cart; an unknown SKU is left out."""

    sku: Annotated[str, schemas.text_of(40, "A variant's SKU")]
    quantity: Annotated[int, Field(strict=True, ge=0, le=30_000)]


class CartOfShop(Schema):
    """A customer's cart as it is now; one without lines was emptied."""

    source: Annotated[str, schemas.text_of(20, "Your system")]
    external_id: Annotated[str, schemas.text_of(60, "The cart's number there")]
    customer: schemas.Customer = schemas.Customer()
    lines: list[Pieces] = Field(max_length=200)


class CartLine(Schema):
    """A variant in the cart, at the price that was last shown (NT$)."""

    sku: str
    name: str
    quantity: int
    unit_price: int


class CartShown(Schema):
    """A cart; `code` goes with its order as `cart_code`."""

    code: str
    state: str
    url: str
    member_number: str | None = None
    salesperson_code: str | None = None
    store_code: str | None = None
    delivery: str
    pickup_store_code: str | None = None
    expires_at: datetime
    opened_at: datetime | None = None
    lines: list[CartLine]


@router.post(
    "carts",
    auth=WRITE,
    response={200: CartShown, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_cart(
    request: KeyedRequest, cart: CartOfShop, idempotency_key: IdempotencyKey = None
) -> CartShown:
    """Report what a customer has in the shop's cart; the same number replaces it.

    One that was bought stays as it is.
    """
    pieces: dict[str, int] = {}
    for line in cart.lines:
        pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    keys = cart.customer.model_dump()
    kept = orders.report_cart(
        orders.CartIn(
            source=cart.source,
            external_id=cart.external_id,
            pieces=pieces,
            customer=orders.CustomerKeys(**keys, system=cart.source),
        ),
        now=clock.now(),
    )
    return _shown(_cart(kept.code))


@router.get(
    "carts/{code}",
    auth=ApiKeyAuth("carts:read"),
    response={200: CartShown, **faults(401, 403, 404, 422, 429)},
    exclude_none=True,
)
def show_cart(request: HttpRequest, code: Code) -> CartShown:
    """Return a cart: of a salesperson, or one that was reported."""
    return _shown(_cart(code))


@router.post(
    "carts/{code}/opened",
    auth=WRITE,
    response={200: CartShown, **faults(*SENDING, 404)},
    exclude_none=True,
)
@once
def note_cart_opened(
    request: KeyedRequest, code: Code, idempotency_key: IdempotencyKey = None
) -> CartShown:
    """Say that the customer opened the cart in the shop: it earns credit once.

    Refused `cart_closed` where it was bought, given up or has expired.
    """
    now = clock.now()
    with transaction.atomic():
        found = _cart(code)
        orders.note_opened(found, {}, now=now)
        if found.filled_by and found.member:
            attribution.touch(
                Touch.Kind.CART_OPENED,
                member=found.member,
                staff=found.filled_by,
                store=found.store,
                product=None,
                link=None,
                evidence=("cart", found.pk),
                now=now,
            )
    return _shown(_cart(code))


def _cart(code: str) -> Cart:
    found = Cart.objects.select_related("store", "filled_by", "pickup_store", "member")
    return get_object_or_404(found, code=code)


def _shown(cart: Cart) -> CartShown:
    return CartShown(
        code=cart.code,
        state=cart.state,
        url=orders.cart_url(cart),
        member_number=cart.member.number if cart.member else None,
        salesperson_code=cart.filled_by.code if cart.filled_by else None,
        store_code=cart.store.code if cart.store else None,
        delivery=cart.delivery,
        pickup_store_code=cart.pickup_store.code if cart.pickup_store else None,
        expires_at=cart.expires_at,
        opened_at=cart.opened_at,
        lines=[
            CartLine(
                sku=line.variant.sku,
                name=line.variant.product.name,
                quantity=line.quantity,
                unit_price=line.unit_price,
            )
            for line in cart.lines.select_related("variant__product")
        ],
    )
