"""Settle a month: prepare its lines, approve them by a second person, pay them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.commissions import rules
from apps.commissions.models import (
    ClosedMonth,
    CommissionEntry,
    Settlement,
    SettlementLine,
)
from apps.commissions.reports.windows import payable_on
from apps.commissions.services.month_terms import settle_terms
from apps.commissions.services.months import close_month
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Staff

SETTLEMENT_LOCK = 4202
DRAFT = Settlement.State.DRAFT
FIGURES = (
    "staff_id", "entries", "accrued", "taken_back", "extras", "carried_in", "payout",
)  # fmt: skip
ACCRUED = Q(kind=CommissionEntry.Kind.ACCRUAL)
TAKEN_BACK = Q(kind=CommissionEntry.Kind.REVERSAL)
NOTHING = {"n": 0, "accrued": 0, "taken_back": 0, "extras": 0}


@transaction.atomic
def prepare_settlement(month: date, *, by: Staff, now: datetime) -> Settlement:
    """Write the month's lines, anew while nobody approved them.

    What tiers add to the month and thresholds withhold of it enters the ledger here.
    `month` is its first day, Taipei. Raises Refused: "month_running" before its end,
    "settlement_done" once it was approved, "settlement_order" while an earlier month
    has entries and no approval.
    """
    if month >= clock.month_of(now):
        raise Refused("month_running", _("這個月還沒結束，不能結算"))
    _hold()
    before = Settlement.objects.filter(month=month).first()
    if before is not None and not before.is_draft:
        raise Refused("settlement_done", _("這個月已經核准，不能重新試算"))
    earlier = _earlier_unsettled(month)
    if earlier is not None:
        facts = {"month": f"{earlier:%Y/%m}"}
        raise Refused("settlement_order", _("請先結算 %(month)s") % facts)
    settlement, _made = Settlement.objects.update_or_create(
        month=month, defaults={"prepared_by": by, "prepared_at": now}
    )
    settlement.lines.all().delete()
    settle_terms(month, now=now)
    lines = _lines_of(settlement)
    SettlementLine.objects.bulk_create(lines, batch_size=1000)
    _sum_up(settlement, lines)
    audit.record(
        "commissions.settlement_prepared",
        settlement,
        by=by,
        now=now,
        people=settlement.people,
        total=settlement.total,
        payout=settlement.payout,
    )
    return settlement


@transaction.atomic
def approve_settlement(month: date, *, by: Staff, now: datetime) -> Settlement:
    """Approve the month as prepared, and close it: it takes no more entries.

    Raises Refused: "settlement_missing" or "settlement_done", "settlement_same_person"
    for whoever prepared it, "settlement_early" within the return window of the month's
    last sale, "settlement_stale" if entries came after it was prepared, and what
    `close_month` raises.
    """
    _hold()
    settlement = _get(month)
    if not settlement.is_draft:
        raise Refused("settlement_done", _("這個月已經核准"))
    if settlement.prepared_by_id == by.pk:
        raise Refused(
            "settlement_same_person", _("試算的人不能自己核准，請另一位同事核准")
        )
    if clock.day_of(now) < payable_on(month):
        day = f"{payable_on(month):%Y/%m/%d}"
        raise Refused(
            "settlement_early", _("鑑賞期還沒結束，%(day)s 起可以核准") % {"day": day}
        )
    if not ClosedMonth.objects.filter(month=month).exists():
        close_month(month, by=by, now=now)
    if _figures(_lines_of(settlement)) != _figures(settlement.lines.all()):
        raise Refused("settlement_stale", _("試算之後有新的明細，請重新試算再核准"))
    settlement.state = Settlement.State.APPROVED
    settlement.approved_by, settlement.approved_at = by, now
    settlement.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        "commissions.settlement_approved",
        settlement,
        by=by,
        now=now,
        payout=settlement.payout,
    )
    return settlement


@transaction.atomic
def mark_settlement_paid(month: date, *, by: Staff, now: datetime) -> Settlement:
    """Note that the payout of an approved month was made.

    Raises Refused: "settlement_missing", "settlement_draft" before its approval,
    "settlement_paid" a second time.
    """
    _hold()
    settlement = _get(month)
    if settlement.is_draft:
        raise Refused("settlement_draft", _("還沒有核准，不能標示為已發放"))
    if settlement.state == Settlement.State.PAID:
        raise Refused("settlement_paid", _("這個月已經標示為已發放"))
    settlement.state = Settlement.State.PAID
    settlement.paid_by, settlement.paid_at = by, now
    settlement.save(update_fields=["state", "paid_by", "paid_at"])
    audit.record(
        "commissions.settlement_paid",
        settlement,
        by=by,
        now=now,
        payout=settlement.payout,
    )
    return settlement


def _hold() -> None:
    """Let one person at a time work on settlements: a month leans on those before."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SETTLEMENT_LOCK])


def _get(month: date) -> Settlement:
    settlement = Settlement.objects.filter(month=month).first()
    if settlement is None:
        raise Refused("settlement_missing", _("這個月還沒有試算"))
    return settlement


def _earlier_unsettled(month: date) -> date | None:
    """Return the first month before that has entries and was not approved."""
    done = Settlement.objects.filter(month__lt=month).exclude(state=DRAFT)
    earlier = CommissionEntry.objects.filter(month__lt=month)
    open_ = earlier.exclude(month__in=done.values("month"))
    return open_.order_by("month").values_list("month", flat=True).first()


def _lines_of(settlement: Settlement) -> list[SettlementLine]:
    """Return the month's lines from the ledger and the debts of the month before."""
    month = settlement.month
    sums = {
        row["staff"]: row
        for row in CommissionEntry.objects.filter(month=month)
        .values("staff")
        .annotate(
            n=Count("pk"),
            accrued=Sum("amount", filter=ACCRUED, default=0),
            taken_back=Sum("amount", filter=TAKEN_BACK, default=0),
            extras=Sum("amount", filter=~(ACCRUED | TAKEN_BACK), default=0),
        )
    }
    debts = _debts_before(month)
    lines = []
    for staff_id in sorted(sums.keys() | debts.keys()):
        row = sums.get(staff_id, NOTHING)
        owed = debts.get(staff_id, 0)
        due = rules.pay(row["accrued"] + row["taken_back"] + row["extras"], owed)
        lines.append(
            SettlementLine(
                settlement=settlement,
                staff_id=staff_id,
                entries=row["n"],
                accrued=row["accrued"],
                taken_back=row["taken_back"],
                extras=row["extras"],
                carried_in=owed,
                payout=due.payout,
                carried_out=due.carried_out,
            )
        )
    return lines


def _debts_before(month: date) -> dict[int, int]:
    last = Settlement.objects.filter(month__lt=month).order_by("-month").first()
    if last is None:
        return {}
    owing = SettlementLine.objects.filter(settlement=last, carried_out__lt=0)
    return dict(owing.values_list("staff_id", "carried_out"))


def _sum_up(settlement: Settlement, lines: Iterable[SettlementLine]) -> None:
    own = list(lines)
    settlement.people = len(own)
    settlement.entries = sum(line.entries for line in own)
    settlement.total = sum(line.amount for line in own)
    settlement.payout = sum(line.payout for line in own)
    settlement.save(update_fields=["people", "entries", "total", "payout"])


def _figures(lines: Iterable[SettlementLine]) -> set[tuple[int, ...]]:
    return {tuple(getattr(line, name) for name in FIGURES) for line in lines}
