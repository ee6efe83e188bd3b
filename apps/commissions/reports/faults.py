"""What refunds took back of whom, and who bears it: for HQ to rule on and to report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from apps.commissions.models import CommissionEntry, RefundRuling
from apps.orders.models import Order, Refund
from apps.staff.models import Staff

Kind = CommissionEntry.Kind
ABSORBED, BORNE = "absorbed", "borne"


@dataclass(frozen=True)
class Fault:
    """What a refund took back of a person (NT$), and how much of it the house bears."""

    refund: Refund
    staff: Staff
    taken: int
    borne: int
    ruling: RefundRuling | None

    @property
    def number(self) -> str:
        """Return the refund's number; what a cancelled order gives back has none."""
        number: str = self.refund.external_id
        return _("取消訂單") if number.startswith("~") else number

    @property
    def is_absorbed(self) -> bool:
        """Tell whether the house bears it."""
        return self.borne > 0


@dataclass(frozen=True)
class FaultSums:
    """All of a list together; NT$."""

    taken: int
    borne: int


def fault_rows(*, month: date | None = None, state: str = "") -> QuerySet[Any, Any]:
    """Return refund and person with the sums, the latest refund first.

    Of credits in force only: what changed hands was taken back as a whole. `month` is
    the first day of the ledger's month (Taipei) the refund was taken back in.
    """
    entries = CommissionEntry.objects.filter(
        refund__isnull=False, credit__superseded_at=None
    )
    if month is not None:
        taken = entries.filter(kind=Kind.REVERSAL, month=month)
        entries = entries.filter(refund__in=taken.values("refund"))
    rows = entries.values("refund", "staff", "refund__refunded_at").annotate(
        taken=-Sum("amount", filter=Q(kind=Kind.REVERSAL), default=0),
        borne=Sum("amount", filter=Q(kind=Kind.GOODWILL), default=0),
    )
    rows = rows.filter(taken__gt=0)
    if state:
        rows = rows.filter(borne__gt=0) if state == ABSORBED else rows.filter(borne=0)
    return rows.order_by("-refund__refunded_at", "-refund", "staff")


def fault_sums(rows: QuerySet[Any, Any]) -> FaultSums:
    """Return the sums of the list."""
    listed = rows.order_by()
    sums = listed.aggregate(t=Sum("taken", default=0), b=Sum("borne", default=0))
    return FaultSums(sums["t"], sums["b"])


def faults(rows: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Return the rows with their refunds, people and rulings (three queries)."""
    listed = list(rows)
    refunds = Refund.objects.select_related("order").in_bulk(
        [row["refund"] for row in listed]
    )
    people = Staff.objects.in_bulk([row["staff"] for row in listed])
    rulings = RefundRuling.objects.filter(refund__in=refunds).select_related("by")
    last = {(each.refund_id, each.staff_id): each for each in rulings.order_by("pk")}
    return [
        Fault(
            refunds[row["refund"]],
            people[row["staff"]],
            row["taken"],
            row["borne"],
            last.get((row["refund"], row["staff"])),
        )
        for row in listed
    ]


def faults_of(order: Order) -> list[Fault]:
    """Return what the order's refunds took back."""
    return faults(fault_rows().filter(refund__order=order))
