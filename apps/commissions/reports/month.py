"""A salesperson's month: what was credited, what it pays, how it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from apps.attribution import words
from apps.attribution.models import Credit
from apps.attribution.rules import Candidate, Status
from apps.commissions.models import ClosedMonth, CommissionEntry
from apps.core import clock
from apps.members.models import Binding
from apps.orders.models import RefundLine
from apps.staff.models import Posting, Staff
from apps.stores.models import Target

SHOWN = 50
WHOLE = 10_000
# Bonds that a salesperson made, not those that were imported or handed over.
MADE = (
    Binding.Source.LOGIN,
    Binding.Source.LIFF,
    Binding.Source.MESSAGE,
    Binding.Source.MANUAL,
    Binding.Source.LEAD,
)


@dataclass(frozen=True)
class MonthRow:
    """An order of the month with what it brought; amounts in NT$, rates in bp."""

    order_id: int
    number: str
    placed_at: datetime
    buyer: str
    goods: str
    basis: str
    basis_label: str
    reason: str
    is_online: bool
    sales: int
    refunded: int
    commission: int
    is_pending: bool


@dataclass(frozen=True)
class MonthFigures:
    """A person's month; amounts in NT$ net of refunds, shares in basis points.

    Sales are of the month's orders, as in every other report; commission is what the
    ledger holds for the month. The target is an equal part of the store's.
    """

    staff: Staff
    month: date
    sales_online: int
    sales_store: int
    orders: int
    commission: int
    today_sales: int
    today_orders: int
    new_bindings: int
    target: int | None
    elapsed: int  # basis points of the month's days, today included
    days_left: int
    is_closed: bool
    rows: tuple[MonthRow, ...]

    @property
    def sales(self) -> int:
        """Return the sales of both kinds."""
        return self.sales_online + self.sales_store

    @property
    def achieved(self) -> int | None:
        """Return the part of the target reached, in basis points."""
        return self.sales * WHOLE // self.target if self.target else None

    @property
    def missing(self) -> int | None:
        """Return what is missing to the target, nothing once it is reached."""
        return max(0, self.target - self.sales) if self.target else None

    @property
    def pace(self) -> float | None:
        """Return by how many points the target is ahead of the calendar."""
        return None if self.achieved is None else (self.achieved - self.elapsed) / 100


def month_of(
    staff: Staff, month: date, *, now: datetime, shown: int = SHOWN
) -> MonthFigures:
    """Return the person's month (its first day, Taipei) with its newest orders."""
    starts, ends = clock.start_of(month), clock.start_of(clock.next_month(month))
    own = Credit.objects.filter(
        staff=staff, superseded_at=None, placed_at__gte=starts, placed_at__lt=ends
    ).annotate(refunded=_refunded())
    today = clock.start_of(clock.day_of(now))
    net = F("amount") - F("refunded")
    sums = own.aggregate(
        online=Sum(net, filter=Q(is_online=True), default=0),
        store=Sum(net, filter=Q(is_online=False), default=0),
        orders=Count("line__order", distinct=True),
        today=Sum(net, filter=Q(placed_at__gte=today), default=0),
        today_orders=Count(
            "line__order", distinct=True, filter=Q(placed_at__gte=today)
        ),
    )
    ledger = CommissionEntry.objects.filter(staff=staff, month=month)
    elapsed, days_left = _calendar(month, clock.day_of(now))
    return MonthFigures(
        staff=staff,
        month=month,
        sales_online=sums["online"],
        sales_store=sums["store"],
        orders=sums["orders"],
        commission=ledger.aggregate(sum=Sum("amount", default=0))["sum"],
        today_sales=sums["today"],
        today_orders=sums["today_orders"],
        new_bindings=_new_bindings(staff, starts, ends),
        target=_target(staff, month),
        elapsed=elapsed,
        days_left=days_left,
        is_closed=ClosedMonth.objects.filter(month=month).exists(),
        rows=_rows(own, shown),
    )


def _refunded() -> CombinedExpression:
    """Return the credit's share of what was refunded of its line."""
    parts = RefundLine.objects.filter(line=OuterRef("line")).order_by()
    sums = parts.values("line").annotate(sum=Sum("amount")).values("sum")
    whole = Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)
    return whole * F("share") / Value(WHOLE)


def _calendar(month: date, today: date) -> tuple[int, int]:
    """Return the part of the month gone by, in basis points, and the days left."""
    days = (clock.next_month(month) - month).days
    gone = min(max((today - month).days + 1, 0), days)
    return gone * WHOLE // days, days - gone


def _new_bindings(staff: Staff, starts: datetime, ends: datetime) -> int:
    """Count the customers bound in the month; one bound twice counts once."""
    made = Binding.objects.filter(
        staff=staff,
        source__in=MADE,
        period__startswith__gte=starts,
        period__startswith__lt=ends,
    )
    return made.aggregate(n=Count("member", distinct=True))["n"] or 0


def _target(staff: Staff, month: date) -> int | None:
    """Return the person's equal part of the target of the store they mainly serve."""
    end = clock.next_month(month) - timedelta(days=1)
    serving = Posting.objects.on(end).filter(is_main=True, staff__is_active=True)
    store = serving.filter(staff=staff).values_list("store", flat=True).first()
    target = Target.objects.filter(store=store, month=month).first() if store else None
    if target is None:
        return None
    people = serving.filter(store=store).aggregate(n=Count("staff", distinct=True))
    return int(target.amount // max(1, people["n"]))


def _rows(own: QuerySet[Credit], shown: int) -> tuple[MonthRow, ...]:
    """Return the newest orders, each with its lines taken together."""
    newest = own.order_by("-placed_at").values_list("line__order", flat=True)
    orders = list(dict.fromkeys(newest[: shown * 4]))[:shown]
    credits_ = (
        own.filter(line__order__in=orders)
        .select_related("line__order__member", "decision")
        .prefetch_related("entries")
        .order_by("-placed_at", "-amount", "pk")
    )
    by_order: dict[int, list[Credit]] = defaultdict(list)
    for credit in credits_:
        by_order[credit.line.order_id].append(credit)
    return tuple(_row(lines) for lines in by_order.values())


def _row(lines: Sequence[Credit]) -> MonthRow:
    largest = lines[0]
    order, decision = largest.line.order, largest.decision
    stored = (Candidate.from_json(each) for each in decision.candidates)
    took = {Status.WON, Status.RULED}
    winner = next(each for each in stored if each.status in took)
    goods = largest.line.name
    if len(lines) > 1:
        more = ngettext("%(name)s 等 %(n)d 件", "%(name)s 等 %(n)d 件", len(lines))
        goods = more % {"name": goods, "n": len(lines)}
    entries = [entry for line in lines for entry in line.entries.all()]
    refunded = sum(getattr(line, "refunded", 0) for line in lines)
    return MonthRow(
        order_id=order.pk,
        number=order.external_id,
        placed_at=order.placed_at,
        buyer=order.member.label if order.member else "",
        goods=goods,
        basis=decision.basis,
        basis_label=words.basis_label(decision.basis),
        reason=words.winning_act(winner, order.placed_at),
        is_online=largest.is_online,
        sales=sum(line.amount for line in lines) - refunded,
        refunded=refunded,
        commission=sum(entry.amount for entry in entries),
        is_pending=any(line.accrual_due_at for line in lines),
    )
