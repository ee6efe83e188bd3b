"""How an order's commission comes about, line by line of the sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.attribution.models import Credit
from apps.commissions.models import CommissionEntry
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.ui.words import count, percent


@dataclass(frozen=True)
class Row:
    """A row of the sum, as it is written; `kind` is step, sum or total."""

    label: str
    figure: str
    kind: str = "step"


@dataclass(frozen=True)
class Arithmetic:
    """An order's sum; amounts in NT$. Pending: the ledger has not followed yet."""

    rows: tuple[Row, ...]
    credited: int
    commission: int
    is_pending: bool


def arithmetic(order: Order, *, staff: Staff | None = None) -> Arithmetic:
    """Return how the order's commission comes about; with `staff`, theirs alone."""
    credits_ = Credit.objects.filter(
        line__order=order, superseded_at=None, staff__isnull=False
    )
    entries = CommissionEntry.objects.filter(credit__line__order=order)
    if staff is not None:
        credits_, entries = credits_.filter(staff=staff), entries.filter(staff=staff)
    own = list(credits_)
    ids = {credit.pk for credit in own}
    rows_of = entries.filter(credit__in=ids).select_related("credit")
    written = list(rows_of.order_by("pk"))
    credited = sum(credit.amount for credit in own)
    commission = sum(entry.amount for entry in written)
    rows = (
        *_goods(order),
        Row(_("認列業績"), count(credited), "sum"),
        *_rates(written),
        Row(_("預估分潤"), f"NT${count(commission)}", "total"),
    )
    is_pending = any(credit.accrual_due_at for credit in own)
    return Arithmetic(rows, credited, commission, is_pending)


def _goods(order: Order) -> Iterator[Row]:
    yield Row(_("商品金額"), count(order.goods))
    if order.discount:
        yield Row(_("折抵"), count(-order.discount))
    yield Row(_("運費"), _("不計入"))


def _rates(entries: Sequence[CommissionEntry]) -> Iterator[Row]:
    """Yield the rates that were applied and what refunds took back."""
    accruals = [e for e in entries if e.kind == CommissionEntry.Kind.ACCRUAL]
    online = {
        True: _("線上導購分潤率"),
        False: _("門市銷售分潤率"),
    }
    applied = {
        (entry.credit.is_online, entry.rate, entry.each)
        for entry in accruals
        if entry.credit is not None
    }
    for is_online, rate, each in sorted(applied):
        yield Row(online[is_online], f"× {rate_label(rate, each)}")
    taken = sum(e.amount for e in entries if e.kind == CommissionEntry.Kind.REVERSAL)
    if taken:
        yield Row(_("退款沖回"), count(taken))
    borne = sum(e.amount for e in entries if e.kind == CommissionEntry.Kind.GOODWILL)
    if borne:
        yield Row(_("總部吸收"), count(borne))


def rate_label(rate: int, each: int) -> str:
    """Return a rate (basis points, or NT$ a piece) as it is written: 3%, 每件 NT$50."""
    if each:
        return _("每件 %(amount)s") % {"amount": f"NT${count(each)}"}
    return percent(rate).replace(".0%", "%")
