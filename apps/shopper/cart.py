"""The cart that a salesperson put together for the customer, opened by its link."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.attribution.rules import agents
from apps.core import clock
from apps.core.errors import Refused
from apps.orders import services as orders
from apps.orders.models import Cart
from apps.orders.reports import SeenCart, look
from apps.shopper import brand
from apps.shopper.pickups import payment_of
from apps.shopper.refusals import friendly
from apps.staff.access import open_to_all
from apps.stores.models import Store


@open_to_all
@never_cache
@require_GET
@friendly
def cart(request: HttpRequest, code: str) -> HttpResponse:
    """Show the cart at today's prices and stock, and what changed since."""
    found = _cart(code)
    if found.state == Cart.State.ORDERED:
        context = {"cart": found, **payment_of(found.orders.order_by("-pk").first())}
        return brand.show(request, "shopper/cart_done.html", context)
    now = clock.now()
    found = orders.restore_cart(found, now=now)
    seen = look(_cart(code), now=now, with_points=True)
    if not agents.is_machine(request.headers.get("User-Agent", "")):
        _note_opened(seen)
    context = {"seen": seen, "cart": seen.cart, "chat_url": _chat_url()}
    return brand.show(request, "shopper/cart.html", context)


@open_to_all
@require_POST
@friendly
def line(request: HttpRequest, code: str) -> HttpResponse:
    """Change how many, or which size, of a line there are."""
    found = _cart(code)
    variant, count = request.POST.get("variant", ""), request.POST.get("quantity", "")
    if not (variant.isdigit() and count.isdigit()):
        raise Refused("quantity", _("數量要在 0 到 99 之間"))
    there = {each.variant_id: each for each in found.lines.all()}
    pieces = {int(variant): int(count)}
    instead = request.POST.get("instead", "")
    if instead.isdigit() and int(variant) in there:
        pieces = {int(variant): 0, int(instead): there[int(variant)].quantity}
    orders.change_cart(found, pieces, by=None, now=clock.now())
    return redirect("shopper:cart", code)


@open_to_all
@require_POST
@friendly
def delivery(request: HttpRequest, code: str) -> HttpResponse:
    """Choose to have it sent, or to fetch it at a store."""
    chosen = request.POST.get("delivery", "")
    store = Store.objects.filter(is_active=True, code=chosen).first()
    way = Cart.Delivery.PICKUP if store else Cart.Delivery.SHIP
    orders.deliver_cart(_cart(code), delivery=way, pickup_store=store, now=clock.now())
    return redirect("shopper:cart", code)


@open_to_all
@require_POST
@friendly
def pay_later(request: HttpRequest, code: str) -> HttpResponse:
    """Order the cart now, to be paid at the store where it is fetched."""
    found = _cart(code)
    if found.pickup_store is None:
        raise Refused("no_store", _("請選取貨門市"))
    orders.order_to_pay(
        found, store=found.pickup_store, ship_to="", by=None, now=clock.now()
    )
    return redirect("shopper:cart", code)


@open_to_all
@never_cache
@require_GET
@friendly
def checkout(request: HttpRequest, code: str) -> HttpResponse:
    """Go on to the shop with what can be bought now."""
    found = _cart(code)
    if found.state == Cart.State.ORDERED:
        return redirect("shopper:cart", code)
    orders.restore_cart(found, now=clock.now())
    seen = look(found, now=clock.now())
    if not seen.pieces:
        raise Refused("cart_empty", _("這些商品目前都買不到了"))
    return redirect(orders.checkout_url(found, seen.pieces))


def _cart(code: str) -> Cart:
    found = Cart.objects.select_related("store", "filled_by", "pickup_store", "member")
    return get_object_or_404(found, code=code)


@transaction.atomic
def _note_opened(seen: SeenCart) -> None:
    """Remember what was shown; the first look is the customer's touch."""
    now = clock.now()
    shown = {each.line.pk: each.now.price for each in seen.lines}
    orders.note_opened(seen.cart, shown, now=now)
    if seen.cart.filled_by and seen.cart.member:
        attribution.touch(
            Touch.Kind.CART_OPENED, member=seen.cart.member, staff=seen.cart.filled_by,
            store=seen.cart.store, product=None, link=None,
            evidence=("cart", seen.cart.pk), now=now,
        )  # fmt: skip


def _chat_url() -> str:
    return brand.chat_url(brand.account())
