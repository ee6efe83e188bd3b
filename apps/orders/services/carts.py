"""Put together what a customer may buy, send it, open it, close it by its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.catalog.models import Variant
from apps.core.errors import Refused
from apps.core.text import clean
from apps.members import services as members
from apps.members.models import Member
from apps.orders.models import Cart, CartLine, Order
from apps.orders.rules import carts as rules
from apps.orders.rules import codes
from apps.orders.services import stock
from apps.staff.models import Staff
from apps.stores.models import Store


@dataclass(frozen=True)
class CartIn:
    """A cart as a shop reports it: pieces by SKU, and by what it knows the customer."""

    source: str
    external_id: str
    pieces: Mapping[str, int]
    customer: members.CustomerKeys


@transaction.atomic
def fill_cart(
    member: Member,
    pieces: Mapping[int, int],
    *,
    by: Staff,
    store: Store,
    now: datetime,
) -> Cart:
    """Put pieces (by variant id) into the cart the salesperson fills for the customer.

    The one that was not sent yet goes on being filled; without one a new one begins.
    Raises Refused as `change_cart` does.
    """
    Member.objects.select_for_update().get(pk=member.pk)
    cart = Cart.objects.filter(
        member=member, filled_by=by, state=Cart.State.OPEN, expires_at__gt=now
    ).first()
    if cart is None:
        cart = Cart.objects.create(
            code=codes.fresh(), member=member, store=store, filled_by=by,
            created_at=now, changed_at=now, expires_at=now + rules.LASTS,
        )  # fmt: skip
        audit.record("cart.begun", cart, by=by, now=now)
    there = dict(cart.lines.values_list("variant_id", "quantity"))
    wanted = {each: there.get(each, 0) + count for each, count in pieces.items()}
    return change_cart(cart, wanted, by=by, now=now)


@transaction.atomic
def change_cart(
    cart: Cart, pieces: Mapping[int, int], *, by: Staff | None, now: datetime
) -> Cart:
    """Set how many of each variant (by id) are in the cart; 0 takes one out.

    `by` None is the customer. Raises Refused: "cart_closed", "quantity",
    "too_many_lines".
    """
    cart = _lock_alive(cart, now=now)
    if any(not 0 <= count <= rules.MOST_PIECES for count in pieces.values()):
        raise Refused("quantity", _("數量要在 0 到 99 之間"))
    CartLine.objects.filter(
        cart=cart, variant__in=[each for each, count in pieces.items() if not count]
    ).delete()
    there = {line.variant_id: line for line in cart.lines.all()}
    wanted = {each: count for each, count in pieces.items() if count}
    if len(there.keys() | wanted.keys()) > rules.MOST_LINES:
        raise Refused("too_many_lines", _("一個購物車最多 40 種商品"))
    variants = Variant.objects.select_related("product").in_bulk(wanted)
    CartLine.objects.bulk_create(
        [
            CartLine(
                cart=cart, variant=variant, quantity=wanted[pk],
                unit_price=variant.product.price, added_by=by, added_at=now,
            )
            for pk, variant in variants.items()
        ],
        update_conflicts=True,
        unique_fields=["cart", "variant"],
        update_fields=["quantity"],
    )  # fmt: skip
    cart.changed_at = now
    cart.save(update_fields=["changed_at"])
    _keep_sent(cart, now=now)
    return cart


@transaction.atomic
def deliver_cart(
    cart: Cart, *, delivery: str, pickup_store: Store | None, now: datetime
) -> Cart:
    """Say how the customer gets it; what is kept moves to the store chosen.

    Raises Refused: "cart_closed", "no_store".
    """
    cart = _lock_alive(cart, now=now)
    if delivery == Cart.Delivery.PICKUP and pickup_store is None:
        raise Refused("no_store", _("請選取貨門市"))
    cart.delivery = Cart.Delivery(delivery)
    cart.pickup_store = pickup_store if delivery == Cart.Delivery.PICKUP else None
    cart.changed_at = now
    cart.save(update_fields=["delivery", "pickup_store", "changed_at"])
    _keep_sent(cart, now=now)
    return cart


@transaction.atomic
def send_cart(cart: Cart, *, note: str, by: Staff, now: datetime) -> Cart:
    """Let the cart go to the customer and keep its goods for 48 hours, as far as there.

    The caller sends the link. Raises Refused: "cart_closed", "cart_empty".
    """
    cart = _lock_alive(cart, now=now)
    pieces = dict(cart.lines.values_list("variant_id", "quantity"))
    if not pieces:
        raise Refused("cart_empty", _("購物車還是空的"))
    cart.note = clean(note).strip()[:200]
    cart.state, cart.sent_at, cart.changed_at = Cart.State.SENT, now, now
    cart.expires_at = now + rules.KEPT
    cart.save()
    _keep(cart, pieces, now=now)
    audit.record("cart.sent", cart, by=by, now=now, lines=len(pieces))
    return cart


@transaction.atomic
def note_opened(cart: Cart, shown: Mapping[int, int], *, now: datetime) -> Cart:
    """Remember that the customer saw the cart, and at which prices (by line's id)."""
    cart = _lock_alive(cart, now=now)
    lines = [line for line in cart.lines.all() if line.pk in shown]
    for line in lines:
        line.unit_price = shown[line.pk]
    CartLine.objects.bulk_update(lines, ["unit_price"])
    if cart.opened_at is None:
        cart.state, cart.opened_at = Cart.State.OPENED, now
        cart.save(update_fields=["state", "opened_at"])
    return cart


@transaction.atomic
def report_cart(row: CartIn, *, now: datetime) -> Cart:
    """Keep what the customer left in the shop's own cart; an empty one is given up.

    Known by source and the shop's number; one that was bought stays as it is.
    """
    (owner,) = members.identify_batch([row.customer], now=now)
    cart, _made = Cart.objects.select_for_update().get_or_create(
        source=row.source,
        external_id=row.external_id,
        defaults={
            "code": codes.fresh(), "created_at": now, "changed_at": now,
            "expires_at": now + rules.LASTS,
        },
    )  # fmt: skip
    if cart.state == Cart.State.ORDERED:
        return cart
    cart.member_id = owner or cart.member_id
    is_empty = not any(row.pieces.values())
    cart.state = Cart.State.ABANDONED if is_empty else Cart.State.OPEN
    cart.closed_at = now if is_empty else None
    cart.changed_at, cart.expires_at = now, now + rules.LASTS
    cart.save()
    cart.lines.all().delete()
    found = Variant.objects.filter(sku__in=row.pieces).select_related("product")
    CartLine.objects.bulk_create(
        CartLine(
            cart=cart, variant=each, quantity=min(row.pieces[each.sku], 32_000),
            unit_price=each.product.price, added_at=now,
        )
        for each in found
        if row.pieces[each.sku] > 0
    )  # fmt: skip
    return cart


@transaction.atomic
def close_ordered(bought: Sequence[Order], *, now: datetime) -> None:
    """Close the carts that the orders were made from, and let their goods go."""
    carts = Cart.objects.filter(pk__in={order.cart_id for order in bought})
    for cart in carts.exclude(state=Cart.State.ORDERED).order_by("pk"):
        stock.release_stock(cart=cart, now=now)
    carts.exclude(state=Cart.State.ORDERED).update(
        state=Cart.State.ORDERED, closed_at=now
    )


@transaction.atomic
def give_up_cart(cart: Cart, *, by: Staff, now: datetime) -> Cart:
    """Put a cart away that will not be bought. Raises Refused "cart_closed"."""
    cart = _lock_alive(cart, now=now)
    cart.state, cart.closed_at = Cart.State.ABANDONED, now
    cart.save(update_fields=["state", "closed_at"])
    stock.release_stock(cart=cart, now=now)
    audit.record("cart.given_up", cart, by=by, now=now)
    return cart


@transaction.atomic
def sweep_carts(*, now: datetime, limit: int = 500) -> int:
    """Close carts whose time ran out and shops' carts that nobody touched.

    A shop's cart that was left stays open to its restore link until it expires.
    """
    over = Q(expires_at__lte=now)
    left = ~Q(source="") & Q(changed_at__lte=now - rules.ABANDONED_AFTER)
    found = list(
        Cart.objects.alive()
        .filter(over | left)
        .order_by("expires_at")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    for cart in found:
        cart.state = (
            Cart.State.EXPIRED if cart.expires_at <= now else Cart.State.ABANDONED
        )
        cart.closed_at = now
    Cart.objects.bulk_update(found, ["state", "closed_at"])
    for cart in found:
        if not cart.source:
            stock.release_stock(cart=cart, now=now)
    return len(found)


@transaction.atomic
def restore_cart(cart: Cart, *, now: datetime) -> Cart:
    """Open a shop's cart again that was left behind. Raises Refused "cart_closed"."""
    cart = Cart.objects.select_for_update().get(pk=cart.pk)
    if cart.state == Cart.State.ABANDONED and cart.source and cart.expires_at > now:
        cart.state, cart.closed_at = Cart.State.OPEN, None
        cart.changed_at = now
        cart.save(update_fields=["state", "closed_at", "changed_at"])
    return _lock_alive(cart, now=now)


def cart_url(cart: Cart) -> str:
    """Return the address that the customer opens the cart by."""
    return f"{settings.PUBLIC_URL}/m/cart/{cart.code}/"


def checkout_url(cart: Cart, pieces: Mapping[str, int]) -> str:
    """Return the shop's checkout with these pieces (by SKU) in its cart.

    The code travels along, so that the order closes the cart and earns its credit.
    """
    items = ",".join(f"{sku}*{count}" for sku, count in pieces.items())
    facts = {"cart": cart.code, "items": items}
    if cart.pickup_store is not None:
        facts["pickup"] = cart.pickup_store.code
    return f"{settings.SHOP_URL}/cart/?{urlencode(facts)}"


def _lock_alive(cart: Cart, *, now: datetime) -> Cart:
    cart = Cart.objects.select_for_update().get(pk=cart.pk)
    if cart.state not in rules.ALIVE or cart.expires_at <= now:
        raise Refused("cart_closed", _("這個購物車已經結束，不能再更改"))
    return cart


def _keep_sent(cart: Cart, *, now: datetime) -> None:
    """Keep for a cart that was sent what is in it now, where it is fetched now."""
    if cart.sent_at is not None:
        pieces = dict(cart.lines.values_list("variant_id", "quantity"))
        _keep(cart, pieces, now=now)


def _keep(cart: Cart, pieces: Mapping[int, int], *, now: datetime) -> None:
    stock.release_stock(cart=cart, now=now)
    store = cart.pickup_store or cart.store
    if store is not None:
        stock.reserve_stock(
            pieces, store=store, cart=cart, until=cart.expires_at, now=now, or_less=True
        )
