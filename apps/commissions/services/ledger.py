"""What the ledger says of a batch of credits, and the entries that follow from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection
from django.db.models import Max

from apps.attribution.models import Credit
from apps.commissions import rules
from apps.commissions.models import ClosedMonth, CommissionEntry
from apps.core import clock
from apps.orders.models import RefundLine

MONTH_LOCK = 4201  # as in the guards of the tables


@dataclass
class Account:
    """A credit with its accrual, what was taken back of it, and what HQ bears of that.

    `goodwill` holds, by refund, the sum HQ bears and the ruling that said so last.
    """

    credit: Credit
    accrual: CommissionEntry
    base_taken: int = 0
    amount_taken: int = 0
    causes: set[str] = field(default_factory=set)
    goodwill: dict[int, tuple[int, int]] = field(default_factory=dict)

    def note(self, entry: CommissionEntry) -> None:
        """Count a reversal, or what HQ bears of one."""
        if entry.kind == CommissionEntry.Kind.GOODWILL:
            refund, ruling = entry.refund_id or 0, entry.ruling_id or 0
            borne = self.goodwill.pop(refund, (0, 0))[0] + entry.amount
            if borne:
                self.goodwill[refund] = (borne, ruling)
            return
        self.base_taken -= entry.base
        self.amount_taken -= entry.amount
        self.causes.add(entry.cause)


def accounts_of(credits_: Iterable[Credit]) -> dict[int, Account]:
    """Return the accounts of those credits that have an accrual, by credit."""
    by_id = {credit.pk: credit for credit in credits_}
    accounts: dict[int, Account] = {}
    entries = CommissionEntry.objects.filter(credit__in=by_id).order_by("kind", "pk")
    for entry in entries:  # "accrual" sorts before the others
        credit_id = entry.credit_id or 0
        if entry.kind == CommissionEntry.Kind.ACCRUAL:
            accounts[credit_id] = Account(by_id[credit_id], entry)
        else:
            accounts[credit_id].note(entry)
    return accounts


def hold_open(wanted: Iterable[date], *, now: datetime) -> dict[date, date]:
    """Return for each month the open one an entry lands in, and keep that one open.

    Takes the shared lock of every month that may be meant; closing takes the exclusive
    one, and only of a month that is over.
    """
    months = sorted(set(wanted))
    if not months:
        return {}
    span, last = [months[0]], max(months[-1], clock.month_of(now))
    while span[-1] < last:
        span.append(clock.next_month(span[-1]))
    days = [(month - date(1970, 1, 1)).days for month in span]
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock_shared(%s, day) from unnest(%s::int[]) day",
            [MONTH_LOCK, days],
        )
    closed = ClosedMonth.objects.aggregate(last=Max("month"))["last"]
    return {month: rules.open_month(month, closed) for month in months}


def refund_lines_of(line_ids: Iterable[int]) -> dict[int, list[RefundLine]]:
    """Return what was refunded of the lines, the oldest refund first."""
    by_line: dict[int, list[RefundLine]] = defaultdict(list)
    parts = RefundLine.objects.filter(line__in=list(line_ids)).select_related("refund")
    for part in parts.order_by("refund__refunded_at", "refund_id"):
        by_line[part.line_id].append(part)
    return by_line


def write_refunds(
    accounts: Sequence[Account],
    parts: Mapping[int, Sequence[RefundLine]],
    *,
    now: datetime,
) -> list[CommissionEntry]:
    """Take back, for the accounts' lines, each refund that was not taken back yet."""
    wanted = {
        _refund_month(account, part)
        for account in accounts
        for part in parts.get(account.credit.line_id, ())
    }
    months = hold_open(wanted, now=now)
    entries = [
        entry
        for account in accounts
        for entry in _refunds(
            account, parts.get(account.credit.line_id, ()), months, now
        )
    ]
    return CommissionEntry.objects.bulk_create(entries, batch_size=1000)


def _refund_month(account: Account, part: RefundLine) -> date:
    return max(clock.month_of(part.refund.refunded_at), account.accrual.month)


def _refunds(
    account: Account,
    parts: Sequence[RefundLine],
    months: Mapping[date, date],
    now: datetime,
) -> Iterable[CommissionEntry]:
    """Yield the reversals at the original rate and person, in the refunds' order."""
    known = [part for part in parts if f"refund:{part.refund_id}" in account.causes]
    refunded = sum(part.amount for part in known)
    whole, accrual = account.credit.line.net, account.accrual
    for part in parts:
        cause = f"refund:{part.refund_id}"
        if cause in account.causes:
            continue
        refunded += part.amount
        base = rules.taken_back(accrual.base, whole, refunded) - account.base_taken
        amount = rules.taken_back(accrual.amount, whole, refunded)
        entry = reversal(
            accrual,
            month=months[_refund_month(account, part)],
            base=max(base, 0),
            amount=max(amount - account.amount_taken, 0),
            cause=cause,
            refund_id=part.refund_id,
            now=now,
        )
        account.note(entry)
        yield entry


def reversal(
    accrual: CommissionEntry,
    *,
    month: date,
    base: int,
    amount: int,
    cause: str,
    now: datetime,
    refund_id: int | None = None,
) -> CommissionEntry:
    """Return an entry that takes back so much of the accrual (NT$, not negative)."""
    return CommissionEntry(
        staff_id=accrual.staff_id,
        credit_id=accrual.credit_id,
        plan_id=accrual.plan_id,
        kind=CommissionEntry.Kind.REVERSAL,
        month=month,
        base=-base,
        rate=accrual.rate,
        each=accrual.each,
        amount=-amount,
        reverses=accrual,
        refund_id=refund_id,
        cause=cause,
        created_at=now,
    )


def goodwill(
    accrual: CommissionEntry,
    *,
    month: date,
    amount: int,
    refund_id: int,
    ruling_id: int,
    cause: str,
    now: datetime,
) -> CommissionEntry:
    """Return an entry by which HQ bears so much of a refund (NT$; negative: no more).

    Its base is nothing: the goods came back, whoever bears the commission.
    """
    return CommissionEntry(
        staff_id=accrual.staff_id,
        credit_id=accrual.credit_id,
        plan_id=accrual.plan_id,
        kind=CommissionEntry.Kind.GOODWILL,
        month=month,
        rate=accrual.rate,
        each=accrual.each,
        amount=amount,
        refund_id=refund_id,
        ruling_id=ruling_id,
        cause=cause,
        created_at=now,
    )


def goodwill_taken_back(
    account: Account, *, month: date, now: datetime
) -> list[CommissionEntry]:
    """Return the entries that end what HQ bears of a credit which changed hands."""
    return [
        goodwill(
            account.accrual,
            month=month,
            amount=-borne,
            refund_id=refund_id,
            ruling_id=ruling_id,
            cause=f"superseded:{account.credit.pk}:{refund_id}",
            now=now,
        )
        for refund_id, (borne, ruling_id) in account.goodwill.items()
    ]
