"""A person's month, line by line: what was sold, why it counts, what it pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils.translation import gettext as _

from apps.attribution import words
from apps.attribution.models import Credit
from apps.attribution.rules import Candidate, Policy, Status
from apps.commissions import rules
from apps.commissions.models import (
    CommissionEntry,
    Correction,
    Settlement,
    SettlementLine,
)
from apps.commissions.reports.arithmetic import rate_label
from apps.commissions.reports.parts import parts_of
from apps.core import clock
from apps.staff.models import Staff

Kind = CommissionEntry.Kind
TOOK = frozenset({Status.WON, Status.RULED})


@dataclass(frozen=True)
class StatementLine:
    """An entry of the ledger in words; amounts in NT$.

    Without an order it is a month's or a member's: `order_id` is None. `sum` writes
    how the amount comes about, and is empty where the reason says it all.
    """

    at: datetime
    order_id: int | None
    number: str
    goods: str
    kind: str
    label: str  # the class of the credit, or what took it back
    reason: str
    base: int
    rate: str
    amount: int
    payable_at: datetime | None
    is_payable: bool

    @property
    def is_reversal(self) -> bool:
        """Tell whether it takes something away."""
        return self.kind == Kind.REVERSAL or self.amount < 0


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
        return sum(line.amount for line in self.lines if line.kind == Kind.ACCRUAL)

    @property
    def taken_back(self) -> int:
        """Return what was taken back: negative, or nothing."""
        return sum(line.amount for line in self.lines if line.kind == Kind.REVERSAL)

    @property
    def extras(self) -> int:
        """Return what tiers, bonuses and goodwill add, less what is withheld."""
        return self.total - self.accrued - self.taken_back

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
        .select_related(
            "credit__line__order",
            "credit__decision__policy",
            "refund",
            "ruling",
            "plan",
            "member",
            "pickup",
        )
        .order_by(F("credit__placed_at").asc(nulls_last=True), "credit_id", "pk")
    )
    settlement = Settlement.objects.filter(month=month).first()
    settled = None
    if settlement is not None and not settlement.is_draft:
        settled = settlement.lines.filter(staff=staff).first()
    return Statement(
        staff=staff,
        month=month,
        lines=tuple(_lines(list(entries), now)),
        state=settlement.state if settlement else "",
        settled=settled,
    )


def statement_rows(told: Statement) -> tuple[list[str], list[list[str | int | float]]]:
    """Return the statement as a table to take away: its heads and its rows."""
    heads = [
        _("日期"), _("訂單"), _("商品"), _("項目"), _("理由"), _("認列業績"),
        _("分潤率"), _("分潤"),
    ]  # fmt: skip
    rows: list[list[str | int | float]] = [
        [f"{line.at.astimezone(clock.TAIPEI):%Y-%m-%d %H:%M}", line.number, line.goods,
         line.label, line.reason, line.base, line.rate, line.amount]
        for line in told.lines
    ]  # fmt: skip
    return heads, [*rows, [_("合計"), "", "", "", "", "", "", told.total]]


def payout_rows(
    settlement: Settlement,
) -> tuple[list[str], list[Sequence[str | int]]]:
    """Return the payout of a month: by staff code, the same on every run."""
    heads = [
        _("月份"), _("員工編號"), _("姓名"), _("筆數"), _("計入"), _("沖回"),
        _("加給與其他"), _("前期結轉"), _("應發金額"), _("結轉下期"),
    ]  # fmt: skip
    lines = settlement.lines.select_related("staff").order_by("staff__code")
    month = f"{settlement.month:%Y-%m}"
    return heads, [
        [month, line.staff.code, line.staff.name, line.entries, line.accrued,
         line.taken_back, line.extras, line.carried_in, line.payout, line.carried_out]
        for line in lines
    ]  # fmt: skip


def transfer_rows(
    settlement: Settlement,
) -> tuple[list[str], list[Sequence[str | int]]]:
    """Return what is to be transferred, for the bank: whoever gets something."""
    lines = settlement.lines.filter(payout__gt=0).select_related("staff")
    return [_("員工編號"), _("姓名"), _("金額")], [
        [line.staff.code, line.staff.name, line.payout]
        for line in lines.order_by("staff__code")
    ]


def _lines(
    entries: Sequence[CommissionEntry], now: datetime
) -> Iterator[StatementLine]:
    corrected = dict(
        Correction.objects.filter(
            before__in={e.credit.decision_id for e in entries if e.credit}
        ).values_list("before", "reason")
    )
    for entry in entries:
        if entry.credit is None:
            yield from _beside(entry)
        else:
            yield _line(entry, entry.credit, corrected, now)


def _line(
    entry: CommissionEntry, credit: Credit, corrected: Mapping[int, str], now: datetime
) -> StatementLine:
    order = credit.line.order
    days = Policy.from_json(credit.decision.policy.rules).cooling_off_days
    kept_at = rules.payable_at(
        order.paid_at or order.placed_at, days, is_online=credit.is_online
    )
    is_accrual = entry.kind == Kind.ACCRUAL
    label = (
        words.basis_label(credit.decision.basis)
        if is_accrual
        else str(entry.get_kind_display())
    )
    return StatementLine(
        at=_moment(entry, credit),
        order_id=order.pk,
        number=order.external_id,
        goods=credit.line.name,
        kind=entry.kind,
        label=label,
        reason=_reason(entry, credit) if is_accrual else _cause(entry, corrected),
        base=entry.base,
        rate=rate_label(entry.rate, entry.each),
        amount=entry.amount,
        payable_at=kept_at,
        is_payable=kept_at <= now,
    )


def _beside(entry: CommissionEntry) -> Iterator[StatementLine]:
    """Yield what no order line earned, one line for each step of its sum."""
    goods = {
        Kind.RECRUIT: _("新會員 %(who)s"),
        Kind.TIER: _("%(month)s 業績"),
        Kind.THRESHOLD: _("%(month)s 業績"),
        Kind.PICKUP: _("門市取貨 %(code)s"),
    }[Kind(entry.kind)]
    facts = {
        "who": entry.member.label if entry.member else "",
        "month": f"{entry.for_month:%Y/%m}" if entry.for_month else "",
        "code": entry.pickup.code if entry.pickup else "",
    }
    for part in parts_of(entry):
        yield StatementLine(
            at=entry.created_at,
            order_id=None,
            number="",
            goods=goods % facts,
            kind=entry.kind,
            label=str(entry.get_kind_display()),
            reason=part.reason,
            base=part.base,
            rate=part.rate,
            amount=part.amount,
            payable_at=None,
            is_payable=True,
        )


def _moment(entry: CommissionEntry, credit: Credit) -> datetime:
    """Return when it was sold, sent back, or given to somebody else."""
    if entry.kind == Kind.ACCRUAL:
        return credit.placed_at
    if entry.kind == Kind.REVERSAL and entry.refund is not None:
        return entry.refund.refunded_at
    return entry.created_at


def _reason(entry: CommissionEntry, credit: Credit) -> str:
    """Say what earned the line."""
    stored = (Candidate.from_json(each) for each in credit.decision.candidates)
    own = [each for each in stored if each.staff_id == entry.staff_id]
    took = next((each for each in own if each.status in TOOK), None)
    if took is None:
        return words.basis_label(credit.decision.basis)
    return words.winning_act(took, credit.placed_at)


def _cause(entry: CommissionEntry, corrected: Mapping[int, str]) -> str:
    """Say what took it back, or by what ruling the house bears it."""
    if entry.ruling is not None and entry.amount >= 0:
        return _("退款由總部吸收：%(said)s") % {"said": entry.ruling.reason}
    if entry.ruling is not None and entry.cause.startswith("ruling:"):
        return _("退款改由店員負擔：%(said)s") % {"said": entry.ruling.reason}
    if entry.ruling is not None:
        return _("認列已改給別人，總部不再吸收這筆退款")
    if entry.refund is not None:
        day = entry.refund.refunded_at.astimezone(clock.TAIPEI)
        facts = {"number": entry.refund.external_id, "day": f"{day:%Y/%m/%d}"}
        return _("%(day)s 退款 %(number)s，依原分潤率沖回") % facts
    decision = entry.credit.decision_id if entry.credit else 0
    if decision in corrected:
        return _("總部更正認列：%(said)s") % {"said": corrected[decision]}
    return _("認列已改給別人，依原分潤率沖回")
