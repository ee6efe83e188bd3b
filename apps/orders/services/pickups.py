"""Goods fetched at a store: laid out, ready, handed over, or back on the shelf.

One lock order: the pickup first, then the stock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.orders.models import (
    Order,
    OrderLine,
    Pickup,
    PickupLine,
    StorePayment,
)
from apps.orders.rules import codes, statuses
from apps.orders.rules import pickups as rules
from apps.orders.services import locks, shortages, stock, upkeep
from apps.staff.models import Staff
from apps.stores.models import Store

HELD_FOR = timedelta(days=7)  # from ready on
RESERVED_FOR = timedelta(days=30)  # at the most, from the order on
State = Pickup.State


@transaction.atomic
def follow(fetched: Sequence[tuple[Order, Store]], *, now: datetime) -> None:
    """Lay the orders at the stores where they are fetched.

    A newer version changes what is laid out as long as nobody said it is ready.
    """
    Pickup.objects.bulk_create(
        [
            Pickup(order=order, store=store, code=codes.fresh(),
                   placed_at=order.placed_at)
            for order, store in fetched
            if order.status not in (Order.Status.COMPLETED, Order.Status.CANCELLED)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    orders = {order.pk: order for order, _store in fetched}
    waiting = Pickup.objects.filter(
        order__in=orders, state__in=[State.PLACED, State.PICKING]
    )
    for pickup in waiting.order_by("pk").select_for_update():
        _lay_out(pickup, now=now)


@transaction.atomic
def start_picking(pickup: Pickup, *, by: Staff, now: datetime) -> Pickup:
    """Say that somebody looks for the goods. Raises Refused "pickup_state"."""
    pickup = _move(pickup, State.PICKING)
    pickup.save()
    audit.record("pickup.picking", pickup, by=by, now=now)
    return pickup


@transaction.atomic
def make_ready(pickup: Pickup, *, by: Staff, now: datetime) -> Pickup:
    """Say that the goods lie ready, and until when; the caller tells the customer.

    An expired one may be laid out once more. Raises Refused: "pickup_state",
    "out_of_stock" where it had gone back to the shelf and is sold.
    """
    again = pickup.state == State.EXPIRED
    pickup = _move(pickup, State.READY)
    pickup.received_by, pickup.ready_at = by, now
    pickup.hold_until, pickup.reminded_at = now + HELD_FOR, None
    pickup.save()
    if again:
        _keep(pickup, now=now, or_less=False)
    _advance(pickup.order, Order.Status.READY)
    audit.record("pickup.ready", pickup, by=by, now=now)
    return pickup


@transaction.atomic
def hand_over(
    pickup: Pickup,
    given: Mapping[int, int],
    *,
    by: Staff,
    now: datetime,
    is_last: bool = False,
) -> Pickup:
    """Give the customer pieces (by pickup line); the last collection closes it.

    What the last one is short of is refunded, and what was kept goes back. Raises
    Refused: "pickup_state", "pickup_unpaid", "nothing", "too_many".
    """
    pickup = _lock(pickup)
    if pickup.state not in (State.READY, State.PARTIAL):
        raise Refused("pickup_state", _not_now(pickup))
    if pickup.order.paid_at is None:
        raise Refused("pickup_unpaid", _("這筆訂單還沒付款，請先收款"))
    lines = list(pickup.lines.select_related("line").select_for_update(of=("self",)))
    pieces = [rules.Pieces(each.pk, each.quantity, each.collected) for each in lines]
    ruling = rules.hand_over(pieces, given, is_last=is_last)
    if ruling.why:
        raise Refused(ruling.why, shortages.cannot(ruling.why))
    for each in lines:
        each.collected += ruling.given[each.pk]
    PickupLine.objects.bulk_update(lines, ["collected"])
    stock.take_stock(
        pickup.order,
        {
            each.line.variant_id: ruling.given[each.pk]
            for each in lines
            if each.line.variant_id
        },
        store=pickup.store,
        now=now,
    )
    pickup.state, pickup.handed_by, pickup.collected_at = ruling.state, by, now
    if ruling.state == State.COLLECTED:
        _close(pickup, lines, ruling.short, by=by, now=now)
    pickup.save()
    audit.record(
        "pickup.handed_over", pickup, by=by, now=now, state=ruling.state,
        pieces=sum(ruling.given.values()),
    )  # fmt: skip
    return pickup


@transaction.atomic
def send_back(pickup: Pickup, *, by: Staff | None, now: datetime) -> Pickup:
    """Put back what was not fetched and give the money back. Raises "pickup_state"."""
    pickup = _move(pickup, State.RETURNED)
    lines = list(pickup.lines.select_related("line"))
    left = {each.pk: each.quantity - each.collected for each in lines}
    pickup.closed_at = now
    pickup.save()
    stock.release_stock(order=pickup.order, now=now)
    if pickup.order.status != Order.Status.CANCELLED:
        shortages.refund_left(
            pickup, lines, left, reason=_("未取貨退回"), by=by, now=now
        )
    audit.record("pickup.returned", pickup, by=by, now=now)
    return pickup


@transaction.atomic
def expire_pickups(*, now: datetime, limit: int = 200) -> int:
    """Put back on the shelf what was not fetched in time; return how many pickups."""
    late = Pickup.objects.overdue(now).order_by("hold_until")
    found = list(late.select_for_update(skip_locked=True, of=("self",))[:limit])
    for pickup in found:
        pickup.state = State.EXPIRED
        pickup.save(update_fields=["state"])
        stock.release_stock(order=pickup.order, now=now)
    audit.record_many(
        "pickup.expired", Pickup, {each.pk: {} for each in found}, by=None, now=now
    )
    return len(found)


def call_off(cancelled: Sequence[Order], *, now: datetime) -> None:
    """Put back what lies ready for orders that were cancelled."""
    found = Pickup.objects.filter(order__in=cancelled, state__in=rules.OPEN)
    for pickup in found.order_by("pk"):
        send_back(pickup, by=None, now=now)


def _lock(pickup: Pickup) -> Pickup:
    """Hold the order before its pickup, as those who record it do."""
    locks.hold([pickup.order.source_key])
    found = Pickup.objects.select_related("order", "store")
    return found.select_for_update(of=("self",)).get(pk=pickup.pk)


def _move(pickup: Pickup, to: str) -> Pickup:
    pickup = _lock(pickup)
    if not rules.may_move(pickup.state, to):
        raise Refused("pickup_state", _not_now(pickup))
    pickup.state = to
    return pickup


def _not_now(pickup: Pickup) -> str:
    state = pickup.get_state_display()
    return _("這筆取貨目前是「%(state)s」，不能這樣做") % {"state": state}


def _lay_out(pickup: Pickup, *, now: datetime) -> None:
    lines = OrderLine.objects.filter(order=pickup.order_id)
    PickupLine.objects.filter(pickup=pickup, line__quantity=0).delete()
    PickupLine.objects.bulk_create(
        [
            PickupLine(pickup=pickup, line=line, quantity=line.quantity)
            for line in lines
            if line.quantity
        ],
        update_conflicts=True,
        unique_fields=["line"],
        update_fields=["quantity"],
    )
    _keep(pickup, now=now, or_less=True)


def _keep(pickup: Pickup, *, now: datetime, or_less: bool) -> None:
    """Keep the pieces in the store; what does not lie there comes by parcel."""
    until = _kept_until(pickup.order, now=now)
    if until is None:
        return
    wanted: dict[int, int] = {}
    for each in pickup.lines.select_related("line"):
        if each.line.variant_id and each.quantity > each.collected:
            left = each.quantity - each.collected
            wanted[each.line.variant_id] = wanted.get(each.line.variant_id, 0) + left
    stock.reserve_stock(
        wanted, store=pickup.store, order=pickup.order, now=now, or_less=or_less,
        until=until,
    )  # fmt: skip


def _kept_until(order: Order, *, now: datetime) -> datetime | None:
    """Return until when its goods are kept: as long as any, or as it may be paid.

    None where it was to be paid at a store and nobody came.
    """
    payment = StorePayment.objects.filter(order=order).first()
    if payment is None or order.paid_at is not None:
        return now + RESERVED_FOR
    is_waiting = payment.state == StorePayment.State.WAITING
    return payment.pay_until if is_waiting else None


def _close(
    pickup: Pickup,
    lines: Sequence[PickupLine],
    short: Mapping[int, int],
    *,
    by: Staff,
    now: datetime,
) -> None:
    """End the pickup: the store has earned its fee, what is short is refunded."""
    pickup.closed_at = pickup.fee_due_at = now
    stock.release_stock(order=pickup.order, now=now)
    shortages.refund_left(pickup, lines, short, reason=_("取貨短少"), by=by, now=now)
    if pickup.order.done_at is None:
        pickup.order.done_at = now
    _advance(pickup.order, Order.Status.COMPLETED)
    upkeep.release_points([pickup.order], now=now)


def _advance(order: Order, status: str) -> None:
    now_at = statuses.known(order.status)
    order.status = statuses.further(statuses.known(status), now_at)
    order.save(update_fields=["status", "done_at"])
