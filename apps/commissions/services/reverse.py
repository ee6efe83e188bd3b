"""Take back what a refund takes back: at the original rate, from the same person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.attribution.models import Credit
from apps.commissions.services import ledger
from apps.orders.models import Refund, RefundLine


@transaction.atomic
def reverse(
    refund_ids: Collection[int] | None = None, *, now: datetime, limit: int = 500
) -> int:
    """Reverse the refunds that wait, those given or the oldest; return how many.

    A refund whose order still waits for its credit or its accrual stays where it is.
    The entry lands in the refund's month, or the next open one.
    """
    due = Refund.objects.filter(reversal_due_at__isnull=False)
    if refund_ids is not None:
        due = due.filter(pk__in=refund_ids)
    unpaid = Credit.objects.filter(
        line__order=OuterRef("order"), accrual_due_at__isnull=False
    )
    ready = due.filter(~Exists(unpaid), order__credit_due_at=None)
    taken = list(
        ready.order_by("reversal_due_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:limit]
    )
    lines = RefundLine.objects.filter(refund__in=taken).values_list(
        "line_id", flat=True
    )
    in_force = Credit.objects.filter(
        line__in=list(lines), superseded_at=None, staff__isnull=False
    )
    credits_ = list(
        in_force.select_related("line").order_by("pk").select_for_update(of=("self",))
    )
    accounts = ledger.accounts_of(credits_)
    parts = ledger.refund_lines_of(credit.line_id for credit in credits_)
    ledger.write_refunds(list(accounts.values()), parts, now=now)
    Refund.objects.filter(pk__in=taken).update(reversal_due_at=None)
    return len(taken)
