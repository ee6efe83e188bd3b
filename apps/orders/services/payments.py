"""Orders of the shop that are paid at a store: asked for, paid once, or let go.

One lock order: the order first, then its payment, then the stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.orders.models import Cart, Order, OrderLine, Reservation, StorePayment
from apps.orders.rules import codes
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.services import (
    cancellations,
    counter,
    locks,
    pickups,
    recording,
    stock,
    upkeep,
)
from apps.orders.services.counter import Receipt
from apps.staff.models import Staff
from apps.stores.models import Store

PAID_WITHIN = timedelta(days=3)  # where nobody says until when
LONGEST = timedelta(days=14)
SOURCE = "paystore"  # of carts that become orders before they are paid
State = StorePayment.State


@dataclass(frozen=True)
class Taken:
    """What a till printed for a payment, and how it was paid."""

    receipt: str
    method: str
    store: Store


@transaction.atomic
def await_payment(
    order: Order, *, store: Store, now: datetime, until: datetime | None = None
) -> StorePayment:
    """Let the order wait for its payment at the store, its goods kept until then.

    Asked again it is the same payment: a new time, another store. Raises Refused:
    "order_cancelled", "already_paid", "pay_until" where the time is past or more than
    14 days away.
    """
    locks.hold([order.source_key])
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == Order.Status.CANCELLED:
        raise Refused("order_cancelled", _("這筆訂單已經取消"))
    if order.paid_at is not None:
        raise Refused("already_paid", _("這筆訂單已經付款"))
    until = until or now + PAID_WITHIN
    if not now < until <= now + LONGEST:
        raise Refused("pay_until", _("付款期限要在 14 天以內"))
    payment, _made = StorePayment.objects.update_or_create(
        order=order,
        defaults={"store": store, "pay_until": until, "state": State.WAITING},
        create_defaults={
            "store": store, "pay_until": until, "code": codes.fresh(),
            "created_at": now,
        },
    )  # fmt: skip
    _keep(order, store, until=until, now=now)
    audit.record("order.to_be_paid_in_store", order, by=None, now=now,
                 store=store.code, until=until.isoformat())  # fmt: skip
    return payment


@transaction.atomic
def order_to_pay(
    cart: Cart, *, store: Store, ship_to: str, by: Staff | None, now: datetime
) -> StorePayment:
    """Order the cart now and let it be paid at the store; `by` None is the customer.

    A cart that was ordered so before answers with its payment. Raises Refused:
    "cart_closed", "cart_empty", "no_address", or why the order could not be recorded.
    """
    cart = Cart.objects.select_for_update().get(pk=cart.pk)
    known = StorePayment.objects.filter(order__source=SOURCE, order__cart=cart).first()
    if known is not None:
        return known
    if cart.closed_at is not None or cart.expires_at <= now:
        raise Refused("cart_closed", _("這個購物車已經結束，不能再更改"))
    given = _order_of(cart, store, ship_to, now)
    (answer,) = recording.record([given], now=now)
    if answer.status == "rejected":
        raise Refused("not_recorded", f"{answer.field}: {answer.why}")
    order = Order.objects.get(source=SOURCE, external_id=cart.code)
    if cart.member is not None and order.member_id != cart.member_id:
        order.member = cart.member
        order.save(update_fields=["member"])
        upkeep.refresh_members([cart.member_id], now=now, order_ids=[order.pk])
    audit.record("order.drafted", order, by=by, now=now, cart=cart.code)
    return await_payment(order, store=store, now=now)


@transaction.atomic
def pay_in_store(
    order: Order, taken: Taken, *, by: Staff | None, now: datetime
) -> StorePayment:
    """Note that the order was paid at a till; `by` None is the till itself.

    The same receipt again changes nothing. Who earned the credit keeps it. Raises
    Refused: "receipt", "order_cancelled", "already_paid" with another receipt,
    "payment_expired" where the goods were let go.
    """
    receipt = clean(taken.receipt).strip()[:60]
    if not receipt:
        raise Refused("receipt", _("請填收銀機印的單號"))
    locks.hold([order.source_key])
    order = Order.objects.select_for_update().get(pk=order.pk)
    payment = StorePayment.objects.select_for_update().filter(order=order).first()
    if payment is not None and payment.state == State.PAID:
        if payment.receipt == receipt:
            return payment
        raise Refused("already_paid", _("這筆訂單已經付款"))
    if order.paid_at is not None:
        raise Refused("already_paid", _("這筆訂單已經付款"))
    _still_waits(payment, now=now)
    payment = payment or StorePayment(
        order=order, store=taken.store, code=codes.fresh(), created_at=now,
        pay_until=now,
    )  # fmt: skip
    counter.take_payment(order, receipt=Receipt(receipt, now), by=by, now=now)
    payment.state, payment.paid_at, payment.taken_by = State.PAID, now, by
    payment.receipt, payment.method = receipt, taken.method
    payment.taken_at, payment.amount = taken.store, order.net + order.shipping
    payment.save()
    _keep_paid(order, now=now)
    return payment


@transaction.atomic
def expire_payments(*, now: datetime, limit: int = 200) -> int:
    """Let go what nobody paid in time; return how many payments.

    An order that was drafted here is cancelled. One of a shop stays, for it may yet be
    paid there, but keeps nothing in the store; one that was paid there keeps all.
    """
    late = StorePayment.objects.overdue(now).order_by("pay_until")
    expired = 0
    for payment in late.select_related("order")[:limit]:
        locks.hold([payment.order.source_key])
        row = StorePayment.objects.overdue(now).select_for_update().filter(
            pk=payment.pk
        )  # fmt: skip
        for waiting in row.select_related(None):
            waiting.state = State.EXPIRED
            waiting.save(update_fields=["state"])
            _let_go(payment.order, now=now)
            audit.record("order.not_paid_in_store", payment.order, by=None, now=now)
            expired += 1
    return expired


@transaction.atomic
def release_shipped(*, now: datetime, limit: int = 200) -> int:
    """Let go what a store kept for orders that were sent; return how many orders."""
    gone = Order.objects.filter(
        held__state=Reservation.State.HELD, pickup=None,
        status__in=[Order.Status.SHIPPED, Order.Status.COMPLETED],
    )  # fmt: skip
    found = list(gone.order_by("pk").distinct()[:limit])
    for order in found:
        stock.release_stock(order=order, now=now)
    return len(found)


def _order_of(cart: Cart, store: Store, ship_to: str, now: datetime) -> OrderIn:
    lines = list(cart.lines.select_related("variant__product"))
    if not lines:
        raise Refused("cart_empty", _("購物車還是空的"))
    address = clean(ship_to).strip()[:200]
    if cart.delivery == Cart.Delivery.SHIP and not address:
        raise Refused("no_address", _("宅配請填收件地址"))
    member = cart.member
    return OrderIn(
        source=SOURCE,
        external_id=cart.code,
        channel=Order.Channel.WEB,
        placed_at=now,
        lines=tuple(
            LineIn(
                str(line.pk), line.variant.sku, line.variant.product.name,
                line.quantity, line.variant.product.price,
            )
            for line in lines
        ),
        customer=CustomerIn(name=member.name, phone=member.phone or "")
        if member
        else CustomerIn(),
        ship_to=address if cart.delivery == Cart.Delivery.SHIP else "",
        cart_code=cart.code,
        pickup_store_code=cart.pickup_store.code if cart.pickup_store else "",
    )  # fmt: skip


def _keep(order: Order, store: Store, *, until: datetime, now: datetime) -> None:
    """Keep the goods until the time: where they are fetched, else where it is paid."""
    pickup = getattr(order, "pickup", None)
    place = pickup.store if pickup else store
    lines = OrderLine.objects.filter(order=order, variant__isnull=False)
    wanted = dict(
        lines.filter(quantity__gt=0)
        .values_list("variant")
        .annotate(Sum("quantity"))
        .order_by()
    )
    stock.release_stock(order=order, now=now)
    stock.reserve_stock(
        wanted, store=place, order=order, until=until, now=now, or_less=True
    )


def _keep_paid(order: Order, *, now: datetime) -> None:
    """Keep what is paid as long as that of any pickup."""
    held = Reservation.objects.filter(order=order, state=Reservation.State.HELD)
    held.update(until=now + pickups.RESERVED_FOR)


def _still_waits(payment: StorePayment | None, *, now: datetime) -> None:
    if payment is None:
        return
    if payment.state == State.EXPIRED or payment.pay_until <= now:
        raise Refused("payment_expired", _("付款期限已過，保留的商品已經釋出"))


def _let_go(order: Order, *, now: datetime) -> None:
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.paid_at is not None or order.status == Order.Status.CANCELLED:
        return
    if order.source != SOURCE:
        stock.release_stock(order=order, now=now)
        return
    order.status, order.cancelled_at = Order.Status.CANCELLED, now
    order.credit_due_at = now
    order.save(update_fields=["status", "cancelled_at", "credit_due_at"])
    cancellations.settle([order.pk], now=now)
    pickups.call_off([order], now=now)
    stock.release_stock(order=order, now=now)
    upkeep.refresh_members([order.member_id], now=now, order_ids=[order.pk])
