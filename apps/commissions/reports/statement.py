"""A person's month, line by line: what was sold, why it counts, what it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from apps.attribution import words
from apps.attribution.rules import Candidate, Policy, Status
from apps.commissions import rules
from apps.commissions.models import CommissionEntry, Settlement, SettlementLine
from apps.core import clock
from apps.staff.models import Staff
from apps.ui.words import percent

TOOK = frozenset({Status.WON, Status.RULED})


@dataclass(frozen=True)
class StatementLine:
    """An entry of the ledger in words; amounts in NT$, the rate in basis points."""

    at: datetime
    order_id: int
    number: str
    goods: str
    label: str  # the class of the credit, or what took it back
    reason: str
    is_reversal: bool
    base: int
    rate: int
    amount: int
    payable_at: datetime
    is_payable: bool

    @property
    def rate_label(self) -> str:
        """Return the rate as it is written: 3%, 2.5%."""
        return percent(self.rate).replace(".0%", "%")


@dataclass(frozen=True)
class Statement:
    """A person's month; `settled` is their line of an approved settlement."""

    staff: Staff
    month: date
    lines: tuple[StatementLine, ...]
    state: str
    settled: SettlementLine | None

    @property
    def accrued(self) -> int:
        """Return what was earned."""
        return sum(line.amount for line in self.lines if not line.is_reversal)

    @property
    def taken_back(self) -> int:
        """Return what was taken back: negative, or nothing."""
        return sum(line.amount for line in self.lines if line.is_reversal)

    @property
    def total(self) -> int:
        """Return the sum of the month's entries."""
        return sum(line.amount for line in self.lines)

    @property
    def pending(self) -> int:
        """Return the part that is still within the return window."""
        return sum(line.amount for line in self.lines if not line.is_payable)


def statement_of(staff: Staff, month: date, *, now: datetime) -> Statement:
    """Return the person's month (its first day, Taipei); the same on every run."""
    entries = (
        CommissionEntry.objects.filter(staff=staff, month=month)
        .select_related("credit__line__order", "credit__decision__policy", "refund")
        .order_by("credit__placed_at", "credit_id", "pk")
    )
    settlement = Settlement.objects.filter(month=month).first()
    settled = None
    if settlement is not None and not settlement.is_draft:
        settled = settlement.lines.filter(staff=staff).first()
    return Statement(
        staff=staff,
        month=month,
        lines=tuple(_line(entry, now) for entry in entries),
        state=settlement.state if settlement else "",
        settled=settled,
    )


def statement_rows(told: Statement) -> tuple[list[str], list[list[str | int | float]]]:
    """Return the statement as a table to take away: its heads and its rows."""
    heads = [
        _("日期"), _("訂單"), _("商品"), _("項目"), _("理由"), _("認列業績"),
        _("分潤率 %"), _("分潤"),
    ]  # fmt: skip
    rows: list[list[str | int | float]] = [
        [f"{line.at.astimezone(clock.TAIPEI):%Y-%m-%d %H:%M}", line.number, line.goods,
         line.label, line.reason, line.base, line.rate / 100, line.amount]
        for line in told.lines
    ]  # fmt: skip
    return heads, [*rows, [_("合計"), "", "", "", "", "", "", told.total]]


def payout_rows(
    settlement: Settlement,
) -> tuple[list[str], list[Sequence[str | int]]]:
    """Return the payout of a month: by staff code, the same on every run."""
    heads = [
        _("月份"), _("員工編號"), _("姓名"), _("筆數"), _("計入"), _("沖回"),
        _("前期結轉"), _("應發金額"), _("結轉下期"),
    ]  # fmt: skip
    lines = settlement.lines.select_related("staff").order_by("staff__code")
    month = f"{settlement.month:%Y-%m}"
    return heads, [
        [month, line.staff.code, line.staff.name, line.entries, line.accrued,
         line.taken_back, line.carried_in, line.payout, line.carried_out]
        for line in lines
    ]  # fmt: skip


def _line(entry: CommissionEntry, now: datetime) -> StatementLine:
    credit, decision = entry.credit, entry.credit.decision
    order = credit.line.order
    days = Policy.from_json(decision.policy.rules).cooling_off_days
    kept_at = rules.payable_at(
        order.paid_at or order.placed_at, days, is_online=credit.is_online
    )
    is_reversal = entry.kind == CommissionEntry.Kind.REVERSAL
    label = _("沖回") if is_reversal else words.basis_label(decision.basis)
    return StatementLine(
        at=_moment(entry),
        order_id=order.pk,
        number=order.external_id,
        goods=credit.line.name,
        label=label,
        reason=_cause(entry) if is_reversal else _reason(entry),
        is_reversal=is_reversal,
        base=entry.base,
        rate=entry.rate,
        amount=entry.amount,
        payable_at=kept_at,
        is_payable=kept_at <= now,
    )


def _moment(entry: CommissionEntry) -> datetime:
    """Return when it was sold, sent back, or given to somebody else."""
    if entry.kind == CommissionEntry.Kind.ACCRUAL:
        return entry.credit.placed_at
    return entry.refund.refunded_at if entry.refund else entry.created_at


def _reason(entry: CommissionEntry) -> str:
    """Say what earned the line."""
    decision = entry.credit.decision
    stored = (Candidate.from_json(each) for each in decision.candidates)
    own = [each for each in stored if each.staff_id == entry.staff_id]
    took = next((each for each in own if each.status in TOOK), None)
    if took is None:
        return words.basis_label(decision.basis)
    return words.winning_act(took, entry.credit.placed_at)


def _cause(entry: CommissionEntry) -> str:
    """Say what took it back."""
    if entry.refund is not None:
        day = entry.refund.refunded_at.astimezone(clock.TAIPEI)
        facts = {"number": entry.refund.external_id, "day": f"{day:%Y/%m/%d}"}
        return _("%(day)s 退款 %(number)s，依原分潤率沖回") % facts
    return _("認列已改給別人，依原分潤率沖回")
