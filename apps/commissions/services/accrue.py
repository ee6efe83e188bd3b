"""Let the ledger follow the credits: pay the new ones, take back the superseded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from apps.attribution.models import Credit
from apps.commissions import rules
from apps.commissions.models import CommissionEntry
from apps.commissions.services import ledger, plans
from apps.core import clock, live

NEWS = timedelta(days=1)


@dataclass(frozen=True)
class Accrued:
    """What a batch came to: credits looked at and entries written."""

    credits: int
    entries: int


@transaction.atomic
def accrue(
    order_ids: Collection[int] | None = None, *, now: datetime, limit: int = 1000
) -> Accrued:
    """Write the entries of credits that wait for them; of the orders, or the oldest.

    A credit in force is paid by its person's plan of the order's day in Taipei, in the
    month of the order or the next open one; before the first plan it pays nothing. A
    superseded credit is taken back in full, in the same way.
    """
    due = Credit.objects.filter(accrual_due_at__isnull=False)
    if order_ids is not None:
        due = due.filter(line__order__in=order_ids)
    taken = list(
        due.select_related("line__product", "staff")
        .order_by("accrual_due_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    known = ledger.accounts_of(taken)
    old = [known[c.pk] for c in taken if c.superseded_at and c.pk in known]
    new = [c for c in taken if not c.superseded_at and c.pk not in known]
    written = _take_back(old, now) + _pay(new, now)
    Credit.objects.filter(pk__in=[c.pk for c in taken]).update(accrual_due_at=None)
    _tell(written, taken, now)
    return Accrued(len(taken), len(written))


def _pay(credits_: Sequence[Credit], now: datetime) -> list[CommissionEntry]:
    rated = plans.rated([credit for credit in credits_ if credit.amount > 0])
    wanted = {clock.month_of(each.credit.placed_at) for each in rated}
    months = ledger.hold_open(wanted, now=now)
    amounts = _amounts(rated)
    entries = CommissionEntry.objects.bulk_create(
        [
            _accrual(
                each,
                month=months[clock.month_of(each.credit.placed_at)],
                amount=amounts[each.credit.pk],
                now=now,
            )
            for each in rated
        ],
        batch_size=1000,
    )
    accounts = [
        ledger.Account(each.credit, entry)
        for each, entry in zip(rated, entries, strict=True)
    ]
    refunds = ledger.refund_lines_of(each.credit.line_id for each in rated)
    return entries + ledger.write_refunds(accounts, refunds, now=now)


def _amounts(rated: Sequence[plans.Rated]) -> dict[int, int]:
    """Return what each credit earns; the shares of a line earn what the line does."""
    lines: dict[int, list[plans.Rated]] = defaultdict(list)
    for each in rated:
        lines[each.credit.decision_id].append(each)
    amounts: dict[int, int] = {}
    for own in lines.values():
        parts = [rules.Part(e.credit.amount, e.credit.share, e.rate) for e in own]
        earned = rules.earned_together(parts, own[0].credit.line.quantity)
        amounts |= {e.credit.pk: part for e, part in zip(own, earned, strict=True)}
    return amounts


def _accrual(
    rated: plans.Rated, *, month: date, amount: int, now: datetime
) -> CommissionEntry:
    credit = rated.credit
    return CommissionEntry(
        staff=credit.staff,
        credit=credit,
        plan_id=rated.plan_id,
        kind=CommissionEntry.Kind.ACCRUAL,
        month=month,
        base=credit.amount,
        rate=rated.rate.points,
        each=rated.rate.each,
        amount=amount,
        cause=f"credit:{credit.pk}",
        created_at=now,
    )


def _take_back(
    accounts: Sequence[ledger.Account], now: datetime
) -> list[CommissionEntry]:
    """Take back what refunds have left of superseded credits, and what HQ bore."""
    rest = [a for a in accounts if a.accrual.base > a.base_taken]
    borne = [a for a in accounts if a.goodwill]
    months = ledger.hold_open({a.accrual.month for a in (*rest, *borne)}, now=now)
    taken = [
        ledger.reversal(
            account.accrual,
            month=months[account.accrual.month],
            base=account.accrual.base - account.base_taken,
            amount=account.accrual.amount - account.amount_taken,
            cause=f"superseded:{account.credit.pk}",
            now=now,
        )
        for account in rest
    ]
    for account in borne:
        month = months[account.accrual.month]
        taken += ledger.goodwill_taken_back(account, month=month, now=now)
    return CommissionEntry.objects.bulk_create(taken, batch_size=1000)


def _tell(
    entries: Sequence[CommissionEntry], credits_: Sequence[Credit], now: datetime
) -> None:
    """Tell the pages of those whose commission on a recent order changed."""
    fresh = {c.pk: c.line.order_id for c in credits_ if c.placed_at > now - NEWS}
    told = {
        (entry.staff_id, fresh[entry.credit_id])
        for entry in entries
        if entry.credit_id is not None and entry.credit_id in fresh
    }
    for staff_id, order_id in sorted(told):
        live.publish(f"staff:{staff_id}", "credit", order=order_id)
