"""The months of the ledger with how far each is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Sum

from apps.commissions.models import CommissionEntry, Dispute, Settlement
from apps.commissions.reports.windows import payable_on
from apps.core import clock


@dataclass(frozen=True)
class LedgerMonth:
    """A month; amounts in NT$. Without a settlement the sums are the ledger's."""

    month: date
    people: int
    entries: int
    total: int
    payable_on: date
    is_over: bool
    is_payable: bool
    settlement: Settlement | None

    @property
    def is_stale(self) -> bool:
        """Tell whether entries came after the draft was prepared."""
        if self.settlement is None or not self.settlement.is_draft:
            return False
        mine = (self.settlement.entries, self.settlement.total)
        return mine != (self.entries, self.total)


def ledger_months(*, now: datetime) -> list[LedgerMonth]:
    """Return every month with entries or a settlement, the newest first."""
    sums = {
        row["month"]: row
        for row in CommissionEntry.objects.values("month").annotate(
            people=Count("staff", distinct=True), n=Count("pk"), total=Sum("amount")
        )
    }
    people = ("prepared_by", "approved_by", "paid_by")
    settled = {row.month: row for row in Settlement.objects.select_related(*people)}
    this, today = clock.month_of(now), clock.day_of(now)
    empty = {"people": 0, "n": 0, "total": 0}
    months = []
    for month in sorted(sums.keys() | settled.keys(), reverse=True):
        row, kept = sums.get(month, empty), payable_on(month)
        months.append(
            LedgerMonth(
                month=month,
                people=row["people"],
                entries=row["n"],
                total=row["total"],
                payable_on=kept,
                is_over=month < this,
                is_payable=kept <= today,
                settlement=settled.get(month),
            )
        )
    return months


def ledger_month(month: date, *, now: datetime) -> LedgerMonth | None:
    """Return the month, None where nothing was written in it."""
    found = (each for each in ledger_months(now=now) if each.month == month)
    return next(found, None)


def waiting_disputes(month: date) -> int:
    """Count the disputes on the month's orders that nobody has ruled on."""
    return (
        Dispute.objects.waiting()
        .filter(
            order__placed_at__gte=clock.start_of(month),
            order__placed_at__lt=clock.start_of(clock.next_month(month)),
        )
        .count()
    )
