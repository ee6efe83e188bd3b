"""Close a month: its ledger takes no more entries, its orders no other decision."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from apps.attribution import services as attribution
from apps.attribution.models import Credit
from apps.audit import services as audit
from apps.commissions.models import ClosedMonth, CommissionEntry
from apps.commissions.services.ledger import MONTH_LOCK
from apps.core import clock
from apps.core.errors import Refused
from apps.orders.models import Order, Pickup, Refund
from apps.staff.models import Staff


@transaction.atomic
def close_month(month: date, *, by: Staff, now: datetime) -> ClosedMonth:
    """Close the month (its first day, Taipei) with the sum of its entries.

    With it the months before are closed too. Raises Refused: "month_running" before its
    end, "month_closed" a second time or after a later one, "month_order" while an
    earlier one has entries and was not closed, "month_pending" while
    orders, refunds or pickups of the month wait for the ledger.
    """
    if month >= clock.month_of(now):
        raise Refused("month_running", _("這個月還沒結束，不能關帳"))
    with connection.cursor() as cursor:
        # Waits for every entry on its way; those that come later see the month closed.
        cursor.execute(
            "select pg_advisory_xact_lock(%s, %s)",
            [MONTH_LOCK, (month - date(1970, 1, 1)).days],
        )
    if ClosedMonth.objects.filter(month__gte=month).exists():
        raise Refused("month_closed", _("這個月已經關帳"))
    earlier = CommissionEntry.objects.filter(month__lt=month)
    if earlier.exclude(month__in=ClosedMonth.objects.values("month")).exists():
        raise Refused("month_order", _("請先關前面月份的帳"))
    if _is_pending(month):
        raise Refused("month_pending", _("這個月還有訂單或退款等待計算，稍後再關帳"))
    sums = CommissionEntry.objects.filter(month=month).aggregate(
        entries=Count("pk"), total=Sum("amount", default=0)
    )
    closed = ClosedMonth.objects.create(
        month=month, closed_at=now, closed_by=by, **sums
    )
    attribution.settle(month, now=now)
    audit.record("commissions.month_closed", closed, by=by, now=now, **sums)
    return closed


def _is_pending(month: date) -> bool:
    starts, ends = clock.start_of(month), clock.start_of(clock.next_month(month))
    waiting = (
        Order.objects.filter(
            credit_due_at__isnull=False, placed_at__gte=starts, placed_at__lt=ends
        ),
        Credit.objects.filter(
            accrual_due_at__isnull=False, placed_at__gte=starts, placed_at__lt=ends
        ),
        Refund.objects.filter(
            reversal_due_at__isnull=False, refunded_at__gte=starts, refunded_at__lt=ends
        ),
    )
    pickups = Pickup.objects.filter(
        fee_due_at__isnull=False, collected_at__gte=starts, collected_at__lt=ends
    )
    return any(queue.exists() for queue in (*waiting, pickups))
