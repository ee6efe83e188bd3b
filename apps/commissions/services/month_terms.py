"""What a whole month's sales add to its lines, or withhold of them, by the plans."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Sum

from apps.commissions import rules
from apps.commissions.models import CommissionEntry, Plan
from apps.commissions.services import ledger

Kind = CommissionEntry.Kind
MONTHLY = (Kind.TIER, Kind.THRESHOLD)

# A line's whole account belongs to the month of its accrual: a refund that came after
# the month was closed lowers the sales of the month they were sold in.
SALES = """
    with touched as (
        select distinct a.staff_id, a.plan_id, a.month
        from commissions_commissionentry e
        join commissions_commissionentry a
            on a.credit_id = e.credit_id and a.kind = 'accrual'
        where e.month = %s and a.plan_id = any(%s)
    )
    select a.staff_id, a.plan_id, a.month, sum(e.base), sum(e.amount)
    from touched t
    join commissions_commissionentry a
        on a.staff_id = t.staff_id and a.plan_id = t.plan_id and a.month = t.month
        and a.kind = 'accrual'
    join commissions_commissionentry e on e.credit_id = a.credit_id
    group by a.staff_id, a.plan_id, a.month
    order by a.staff_id, a.plan_id, a.month
"""


@dataclass(frozen=True)
class Sales:
    """What one person sold in a month under one plan, and what its lines earned."""

    staff_id: int
    plan_id: int
    month: date
    net: int
    earned: int

    @property
    def key(self) -> tuple[int, int, date]:
        """Return what its month's entries are known by."""
        return self.staff_id, self.plan_id, self.month


def settle_terms(month: date, *, now: datetime) -> list[CommissionEntry]:
    """Bring tiers and thresholds up to what the lines say, as the month is settled.

    Looks at the months whose lines the month (its first day, Taipei) touched: its own,
    and older ones by late refunds. Only the difference to what was written before is
    written, so that a second run writes nothing. The caller holds the settlements.
    """
    sales = sales_of(month)
    given = _given(sales)
    wanted = list(_differences(sales, given))
    months = ledger.hold_open({month}, now=now) if wanted else {}
    return CommissionEntry.objects.bulk_create(
        [
            CommissionEntry(
                staff_id=own.staff_id,
                plan_id=own.plan_id,
                kind=kind,
                month=months[month],
                for_month=own.month,
                base=own.net,
                rate=0,
                amount=amount,
                cause=_cause(own, number),
                created_at=now,
            )
            for own, kind, amount, number in wanted
        ],
        batch_size=1000,
    )


def sales_of(month: date) -> list[Sales]:
    """Return the sales that the month's entries belong to, by person and plan."""
    plans = [plan.pk for plan in Plan.objects.all() if plan.read().looks_at_months]
    with connection.cursor() as cursor:
        cursor.execute(SALES, [month, plans])
        return [
            Sales(person, plan, sold, int(net), int(earned))
            for person, plan, sold, net, earned in cursor.fetchall()
        ]


def _given(
    sales: Collection[Sales],
) -> dict[tuple[int, int, date, str], tuple[int, int]]:
    """Return what was written before of each kind: the sum, and how many entries."""
    rows = (
        CommissionEntry.objects.filter(
            kind__in=MONTHLY,
            staff__in={own.staff_id for own in sales},
            for_month__in={own.month for own in sales},
        )
        .values("staff", "plan", "for_month", "kind")
        .annotate(sum=Sum("amount"), n=Count("pk"))
    )
    return {
        (row["staff"], row["plan"], row["for_month"], row["kind"]): (
            row["sum"],
            row["n"],
        )
        for row in rows
        if row["for_month"] is not None
    }


def _differences(
    sales: Sequence[Sales],
    given: dict[tuple[int, int, date, str], tuple[int, int]],
) -> Iterator[tuple[Sales, str, int, int]]:
    terms = {plan.pk: plan.read() for plan in Plan.objects.all()}
    for own in sales:
        due = {
            Kind.TIER: rules.top_up(terms[own.plan_id], own.net),
            Kind.THRESHOLD: rules.withheld(terms[own.plan_id], own.net, own.earned),
        }
        for kind, amount in due.items():
            before, number = given.get((*own.key, kind.value), (0, 0))
            if amount != before:
                yield own, kind.value, amount - before, number


def _cause(own: Sales, number: int) -> str:
    return f"{own.staff_id}:{own.plan_id}:{own.month:%Y%m}:{number}"
