"""Let a customer's e-invoice make the purchase theirs: then points follow it by rule.

An order without a member becomes the claimant's, and everything that follows from an
order follows: points by the rule of its day, facts, tier, credit; a refund takes its
part back. So an invoice gives points once, whoever shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.loyalty.models import LoyaltySettings
from apps.members import services as members
from apps.members.models import Member
from apps.orders.models import InvoiceClaim, Order, OrderInvoice
from apps.orders.rules import invoices as rules
from apps.orders.rules.intake import OrderIn
from apps.orders.services import locks, upkeep

CREDIT = "apps.attribution.tasks.credit_pending"
SETTLE = "apps.orders.tasks.settle_invoices"
State, Reason = InvoiceClaim.State, InvoiceClaim.Reason
MOST_A_DAY = 20  # who types more tries numbers out
WAITS = timedelta(days=14)
A_PORTION = 500

# A number that is another order's within its two months stays with that one.
WRITE = """
    insert into orders_orderinvoice as known
        (order_id, number, issued_on, period, random_code, carrier, donated_to)
    select * from unnest(%s::bigint[], %s::text[], %s::date[], %s::date[], %s::text[],
                         %s::text[], %s::text[])
    on conflict do nothing
"""


def keep(rows: Mapping[tuple[str, str], Order], told: Sequence[OrderIn]) -> None:
    """Keep the invoices that orders were told with; called by the intake.

    An order that names another invoice than before has that one from now on. Claims
    that waited are settled by the worker; one whose order turned out to be another
    member's is refused.
    """
    named = {rows[each.key].pk: (rows[each.key], each) for each in told if each.invoice}
    if not named:
        return
    OrderInvoice.objects.filter(order__in=named).delete()
    values = [_row(order, each) for order, each in named.values()]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [list(column) for column in zip(*values, strict=True)])
    lost = InvoiceClaim.objects.filter(order__in=named, state=State.CLAIMED)
    lost.exclude(member=F("order__member")).update(
        state=State.REFUSED, reason=Reason.OTHER_MEMBER
    )
    numbers = [value[1] for value in values]
    if InvoiceClaim.objects.filter(state=State.WAITING, number__in=numbers).exists():
        nudge(SETTLE)


def _row(order: Order, told: OrderIn) -> tuple[object, ...]:
    invoice = told.invoice
    if invoice is None:
        raise ValueError(f"order {order.pk} was told without an invoice")
    day = invoice.issued_on or clock.day_of(order.paid_at or order.placed_at)
    return (
        order.pk, rules.normal(invoice.number), day, rules.period_of(day),
        invoice.random_code, invoice.carrier, invoice.donated_to,
    )  # fmt: skip


def claim_invoice(
    member: Member, read: rules.Read, *, source: str, now: datetime
) -> InvoiceClaim:
    """Claim the invoice's purchase for the member; return what became of it.

    The same invoice again returns the claim there is. Raises Refused: "invoice_off"
    where HQ takes none, "invoice_old", "invoice_future", "invoice_not_ours",
    "invoice_many" after twenty a day.
    """
    settings = LoyaltySettings.current()
    _check(settings, read, now=now)
    with transaction.atomic():
        # Orders before members, as the intake does.
        locks.hold(key for key, _sold in _orders_of([read.number]))
        pk = members.hold_members([member.pk])[member.pk]
        mine = InvoiceClaim.objects.filter(member=pk)
        same = mine.filter(number=read.number, issued_on=read.issued_on)
        if earlier := same.filter(state__in=InvoiceClaim.LIVE).first():
            return earlier
        if mine.filter(made_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
            raise Refused("invoice_many", _("今天登錄太多張了，明天再試"))
        claim = InvoiceClaim.objects.create(
            member_id=pk, number=read.number, issued_on=read.issued_on,
            random_code=read.random_code, total=read.total, source=source, made_at=now,
        )  # fmt: skip
        _settle([claim], now=now)
    claim.refresh_from_db()
    return claim


def _check(settings: LoyaltySettings, read: rules.Read, *, now: datetime) -> None:
    if settings.invoice_days is None:
        raise Refused("invoice_off", _("目前沒有開放發票登錄"))
    why = rules.too_old(read, days=settings.invoice_days, today=clock.day_of(now))
    if why == "old":
        said = _("發票開立超過 %(days)s 天，不能登錄")
        raise Refused("invoice_old", said % {"days": settings.invoice_days})
    if why:
        raise Refused("invoice_future", _("發票日期還沒到，看看是不是打錯了"))
    if read.seller and settings.sellers and read.seller not in settings.sellers:
        raise Refused("invoice_not_ours", str(Reason.NOT_OURS.label))


def settle_invoices(*, now: datetime) -> int:
    """Settle the claims whose orders have come, give up on old ones; return how many.

    Harmless twice; a portion a transaction.
    """
    known = OrderInvoice.objects.filter(number=OuterRef("number"))
    waiting = InvoiceClaim.objects.filter(state=State.WAITING).order_by("pk")
    settled, last = 0, 0
    due = waiting.filter(Exists(known))
    while portion := list(due.filter(pk__gt=last)[:A_PORTION]):
        last = portion[-1].pk
        with transaction.atomic():
            locks.hold(
                key for key, _sold in _orders_of([each.number for each in portion])
            )
            settled += _settle(portion, now=now)
    settled += waiting.filter(made_at__lte=now - WAITS).update(
        state=State.REFUSED, reason=Reason.NOT_FOUND, settled_at=now
    )
    return settled


@dataclass(frozen=True)
class _Answer:
    """What becomes of a claim; `order` is there where it becomes the member's."""

    claim: InvoiceClaim
    order: Order | None
    reason: str


def _settle(claims: Sequence[InvoiceClaim], *, now: datetime) -> int:
    """Settle those whose order is known; the caller holds the orders' locks."""
    by_number: dict[str, list[OrderInvoice]] = {}
    for _key, invoice in _orders_of({each.number for each in claims}):
        by_number.setdefault(invoice.number, []).append(invoice)
    owners = members.hold_members({each.member_id for each in claims})
    # Read under the locks: somebody may have been quicker, or settled these.
    fresh = InvoiceClaim.objects.select_for_update().filter(
        pk__in=[each.pk for each in claims], state=State.WAITING
    )
    answers: list[_Answer] = []
    given: dict[int, int] = {}
    for claim in fresh.order_by("made_at", "pk"):
        found = _nearest(claim, by_number.get(claim.number, ()))
        if found is not None:
            answers.append(_answer(claim, found, owners, given))
    _write(answers, owners, now=now)
    return len(answers)


def _answer(
    claim: InvoiceClaim,
    invoice: OrderInvoice,
    owners: Mapping[int, int],
    given: dict[int, int],
) -> _Answer:
    """Decide a claim; `given` are the orders that this batch gave away before it."""
    order, member_id = invoice.order, owners[claim.member_id]
    read = rules.Read(claim.number, claim.issued_on, claim.random_code, claim.total)
    sold = rules.Sold(
        random_code=invoice.random_code,
        total=order.net + order.shipping,
        owner_id=given.get(order.pk, order.member_id),
        is_donated=bool(invoice.donated_to),
        is_cancelled=order.status == Order.Status.CANCELLED,
    )
    reason = rules.judge(read, sold, member_id=member_id)
    if not reason:
        given[order.pk] = member_id
        return _Answer(claim, order, "")
    taken = reason == Reason.OTHER_MEMBER and _is_claimed(invoice, given)
    return _Answer(claim, None, Reason.TAKEN if taken else reason)


def _is_claimed(invoice: OrderInvoice, given: Mapping[int, int]) -> bool:
    return invoice.order_id in given or bool(getattr(invoice, "is_claimed", False))


def _nearest(
    claim: InvoiceClaim, invoices: Collection[OrderInvoice]
) -> OrderInvoice | None:
    """Return the invoice of that number and time; numbers come again after years."""
    near = [
        each for each in invoices if abs(each.issued_on - claim.issued_on) <= rules.NEAR
    ]
    return min(
        near, key=lambda each: abs(each.issued_on - claim.issued_on), default=None
    )


def _orders_of(
    numbers: Collection[str],
) -> list[tuple[tuple[str, str], OrderInvoice]]:
    """Return the invoices of these numbers with their orders, and the orders' keys."""
    claimed = InvoiceClaim.objects.filter(order=OuterRef("order"), state=State.CLAIMED)
    rows = OrderInvoice.objects.filter(number__in=set(numbers))
    rows = rows.select_related("order").annotate(is_claimed=Exists(claimed))
    return [(each.order.source_key, each) for each in rows]


def _write(
    answers: Sequence[_Answer], owners: Mapping[int, int], *, now: datetime
) -> None:
    taken = [
        (each.order, owners[each.claim.member_id]) for each in answers if each.order
    ]
    for order, member_id in taken:
        order.member_id, order.credit_due_at = member_id, now
    Order.objects.bulk_update(
        [order for order, _member in taken], ["member", "credit_due_at"]
    )
    for each in answers:
        each.claim.member_id = owners[each.claim.member_id]
        each.claim.order = each.order
        each.claim.state = State.CLAIMED if each.order else State.REFUSED
        each.claim.reason, each.claim.settled_at = each.reason, now
    InvoiceClaim.objects.bulk_update(
        [each.claim for each in answers],
        ["member", "order", "state", "reason", "settled_at"],
    )
    if not taken:
        return
    audit.record_many(
        "order.claimed_by_invoice", Order,
        {order.pk: {"member": member_id} for order, member_id in taken},
        by=None, now=now,
    )  # fmt: skip
    upkeep.refresh_members(
        {member_id for _order, member_id in taken},
        order_ids=[order.pk for order, _member in taken],
        now=now,
    )
    nudge(CREDIT)
