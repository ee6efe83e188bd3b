"""What a store can hand over now, and keeping it for a cart until a time.

Annotations are real here, not postponed: see `orders`.
"""

from datetime import datetime, timedelta
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from apps.catalog.models import Stock, Variant
from apps.core import clock
from apps.core.errors import Refused
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.carts import Code
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.orders import services as orders
from apps.orders.models import Cart
from apps.stores.models import Store

router = Router(tags=["Stock"])
LONGEST = 48 * 60


class Wanted(Schema):
    """How many of a variant the customer wants."""

    sku: Annotated[str, schemas.text_of(40, "A variant's SKU")]
    quantity: Annotated[int, Field(strict=True, ge=1, le=30_000)]


class AtStore(Schema):
    """What a customer would fetch, and where."""

    store_code: Annotated[str, schemas.text_of(20, "The store")]
    lines: list[Wanted] = Field(min_length=1, max_length=200)


class Found(Schema):
    """How many of a variant can be had there; an unknown SKU has none."""

    sku: str
    wanted: int
    available: int


class Availability(Schema):
    """`has_all` tells whether everything lies there, and nothing is kept for others."""

    store_code: str
    has_all: bool
    lines: list[Found]


class ToKeep(Schema):
    """Where the cart's goods are kept, and for how many minutes."""

    store_code: Annotated[str, schemas.text_of(20, "The store")]
    minutes: Annotated[int, Field(strict=True, ge=1, le=LONGEST)] = 30


class Kept(Schema):
    """What is kept for the cart, until when."""

    code: str
    store_code: str
    until: datetime
    lines: list[Wanted]


@router.post(
    "stock/availability",
    auth=ApiKeyAuth("products:read"),
    response={200: Availability, **faults(*SENDING)},
)
def check_availability(request: HttpRequest, asked: AtStore) -> Availability:
    """Say what of a basket can be fetched at a store now. Nothing is kept by asking."""
    wanted: dict[str, int] = {}
    for line in asked.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    found = Stock.objects.filter(
        store=_store(asked.store_code), variant__sku__in=wanted
    ).select_related("variant")
    there = {row.variant.sku: row.available for row in found}
    lines = [
        Found(sku=sku, wanted=count, available=there.get(sku, 0))
        for sku, count in wanted.items()
    ]
    return Availability(
        store_code=asked.store_code,
        has_all=all(line.available >= line.wanted for line in lines),
        lines=lines,
    )


@router.put(
    "carts/{code}/reservation",
    auth=ApiKeyAuth("carts:write"),
    response={200: Kept, **faults(*SENDING, 404)},
)
@once
def keep_cart(
    request: KeyedRequest,
    code: Code,
    asked: ToKeep,
    idempotency_key: IdempotencyKey = None,
) -> Kept:
    """Keep a cart's goods at a store while the customer checks out.

    What was kept for it before is let go first; after the minutes it is let go by
    itself. Refused `out_of_stock` where the store has less, `cart_closed`.
    """
    now = clock.now()
    until = now + timedelta(minutes=asked.minutes)
    with transaction.atomic():
        cart = get_object_or_404(Cart.objects.select_for_update(), code=code)
        if cart.closed_at is not None or cart.expires_at <= now:
            raise Refused("cart_closed", _("這個購物車已經結束，不能再更改"))
        pieces = dict(cart.lines.values_list("variant", "quantity"))
        if not pieces:
            raise Refused("cart_empty", _("購物車還是空的"))
        store = _store(asked.store_code)
        orders.release_stock(cart=cart, now=now)
        orders.reserve_stock(pieces, store=store, cart=cart, until=until, now=now)
    skus = dict(Variant.objects.filter(pk__in=pieces).values_list("pk", "sku"))
    lines = [Wanted(sku=skus[pk], quantity=count) for pk, count in pieces.items()]
    return Kept(code=code, store_code=store.code, until=until, lines=lines)


@router.delete(
    "carts/{code}/reservation",
    auth=ApiKeyAuth("carts:write"),
    response={204: None, **faults(401, 403, 404, 422, 429)},
)
def let_cart_go(request: HttpRequest, code: Code) -> HttpResponse:
    """Let go what is kept for a cart."""
    cart = get_object_or_404(Cart, code=code)
    orders.release_stock(cart=cart, now=clock.now())
    return HttpResponse(status=204)


def _store(code: str) -> Store:
    found = Store.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise Refused("no_store", _("沒有這個門市代號"))
    return found
