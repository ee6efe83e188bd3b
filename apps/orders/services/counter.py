"""Sales that staff write down themselves: of a cart paid in the store, of other tills.

Both are orders of the channel "store", paid where they are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.core.text import clean
from apps.members.models import Member
from apps.orders.models import Cart, CounterSales, Order
from apps.orders.rules import statuses
from apps.orders.rules.intake import CustomerIn, LineIn, OrderIn
from apps.orders.services import intake, locks, recording, refunds, upkeep
from apps.staff.models import Staff
from apps.stores.models import Store

IN_STORE = "helper"  # the source of carts paid at the store's own till
ELSEWHERE = "counter"  # the source of sales at a department store's or another till


@dataclass(frozen=True)
class Receipt:
    """What a till printed: its number, and for a sale elsewhere the amount (NT$)."""

    number: str
    sold_at: datetime
    amount: int = 0
    note: str = ""


@transaction.atomic
def order_in_store(
    cart: Cart,
    *,
    receipt: Receipt,
    ship_to: str,
    by: Staff,
    store: Store,
    now: datetime,
) -> Order:
    """Order a cart that was paid at the till; it is shipped or fetched later.

    Raises Refused: "cart_closed", "cart_empty", "no_address", "receipt_known", or why
    the order could not be recorded.
    """
    cart = Cart.objects.select_for_update().get(pk=cart.pk)
    lines = list(cart.lines.select_related("variant__product"))
    if cart.closed_at is not None:
        raise Refused("cart_closed", _("這個購物車已經結束，不能再更改"))
    if not lines:
        raise Refused("cart_empty", _("購物車還是空的"))
    address = clean(ship_to).strip()[:200]
    if cart.delivery == Cart.Delivery.SHIP and not address:
        raise Refused("no_address", _("宅配請填收件地址"))
    given = OrderIn(
        source=IN_STORE,
        external_id=_number(receipt, cart.code),
        channel=Order.Channel.STORE,
        placed_at=receipt.sold_at,
        lines=tuple(
            LineIn(
                str(line.pk), line.variant.sku, line.variant.product.name,
                line.quantity, line.variant.product.price,
            )
            for line in lines
        ),
        customer=_customer(cart.member),
        store_code=store.code,
        seller_code=by.code,
        ship_to=address if cart.delivery == Cart.Delivery.SHIP else "",
        cart_code=cart.code,
        pickup_store_code=cart.pickup_store.code if cart.pickup_store else "",
    )  # fmt: skip
    return _record(given, cart.member, by=by, now=now)


@transaction.atomic
def record_sale_elsewhere(
    member: Member, *, receipt: Receipt, by: Staff, store: Store, now: datetime
) -> Order:
    """Write down what a member bought at a till that sends nothing itself.

    Raises Refused: "not_switched_on", "amount", "receipt_known", or why the order could
    not be recorded.
    """
    if not may_record(by, store):
        raise Refused("not_switched_on", _("這間門市沒有開放你登錄外部銷售"))
    if receipt.amount <= 0:
        raise Refused("amount", _("請填大於 0 的金額"))
    note = clean(receipt.note).strip()[:120] or _("外部通路消費")
    given = OrderIn(
        source=ELSEWHERE,
        external_id=_number(receipt, ""),
        channel=Order.Channel.STORE,
        placed_at=receipt.sold_at,
        lines=(LineIn("1", "", note, 1, receipt.amount),),
        customer=_customer(member),
        store_code=store.code,
        seller_code=by.code,
    )
    return _record(given, member, by=by, now=now)


@transaction.atomic
def take_payment(
    order: Order, *, receipt: Receipt, by: Staff | None, now: datetime
) -> Order:
    """Note that an order was paid at the till of a store, as its next version would.

    `by` None is the till itself. One that is paid already stays as it is. Raises
    Refused "order_cancelled".
    """
    locks.hold([order.source_key])
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == Order.Status.CANCELLED:
        raise Refused("order_cancelled", _("這筆訂單已經取消"))
    if order.paid_at is not None:
        return order
    order.paid_at = order.credit_due_at = now
    order.status = statuses.further("paid", statuses.known(order.status))
    order.save(update_fields=["paid_at", "credit_due_at", "status"])
    refunds.record_parked([order.source_key], now=now)
    upkeep.refresh_members([order.member_id], now=now, order_ids=[order.pk])
    audit.record("order.paid_in_store", order, by=by, now=now, receipt=receipt.number)
    nudge(intake.CREDIT)
    return order


def may_record(staff: Staff, store: Store) -> bool:
    """Tell whether the store's switch lets somebody of this role write sales down."""
    switch = CounterSales.objects.filter(store=store).first()
    if switch is None:
        return False
    if staff.role == Staff.Role.MANAGER:
        return switch.by_managers
    return staff.role == Staff.Role.SALESPERSON and switch.by_salespeople


def _number(receipt: Receipt, otherwise: str) -> str:
    return clean(receipt.number).strip()[:60] or otherwise


def _customer(member: Member | None) -> CustomerIn:
    return (
        CustomerIn(name=member.name, phone=member.phone or "")
        if member
        else CustomerIn()
    )


def _record(
    given: OrderIn, member: Member | None, *, by: Staff, now: datetime
) -> Order:
    if Order.objects.known_as([given.key]).exists():
        raise Refused("receipt_known", _("這個單號已經登錄過了"))
    (answer,) = recording.record([given], now=now)
    if answer.status == "rejected":
        raise Refused("not_recorded", f"{answer.field}: {answer.why}")
    order = Order.objects.get(source=given.source, external_id=given.external_id)
    if member is not None and order.member_id is None:
        order.member = member
        order.save(update_fields=["member"])
        upkeep.refresh_members([member.pk], now=now, order_ids=[order.pk])
    audit.record("order.recorded_by_hand", order, by=by, now=now, amount=order.net)
    return order
