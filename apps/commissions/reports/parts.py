"""How an entry that no order line earned comes about, step by step, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.commissions import rules
from apps.commissions.models import CommissionEntry
from apps.commissions.reports.arithmetic import rate_label
from apps.ui.words import money

Kind = CommissionEntry.Kind


@dataclass(frozen=True)
class Part:
    """A step of the sum; amounts in NT$."""

    reason: str
    base: int
    rate: str
    amount: int


def parts_of(entry: CommissionEntry) -> list[Part]:
    """Return the steps; they sum to the entry. Needs its plan loaded along."""
    if entry.kind == Kind.TIER:
        return _tier(entry)
    if entry.kind == Kind.THRESHOLD:
        return [_threshold(entry)]
    if entry.kind == Kind.PICKUP:
        handed = entry.cause.endswith("handed")
        reason = _("把貨交給顧客") if handed else _("收貨並備妥")
        return [Part(reason, 0, "", entry.amount)]
    return [Part(_("由你綁定後註冊，每位會員一次"), 0, "", entry.amount)]


def _tier(entry: CommissionEntry) -> list[Part]:
    """Return the tiers that the sales reach, and what was given of them before."""
    steps = rules.steps(entry.plan.read(), entry.base)
    parts = [
        Part(
            _("本月業績 %(sales)s，超過 %(above)s 的部分加給")
            % {"sales": money(entry.base), "above": money(step.above)},
            step.part,
            rate_label(step.extra, 0),
            step.amount,
        )
        for step in steps
    ]
    before = sum(step.amount for step in steps) - entry.amount
    if before:
        reason = _("先前已加給 %(amount)s，業績因退款或改認列而變動") % {
            "amount": money(before)
        }
        parts.append(Part(reason, 0, "", -before))
    return parts


def _threshold(entry: CommissionEntry) -> Part:
    facts = {
        "sales": money(entry.base),
        "threshold": money(entry.plan.read().threshold),
    }
    if entry.base >= entry.plan.read().threshold:
        reason = _("本月業績 %(sales)s，已達門檻 %(threshold)s，補回先前扣下的")
    elif entry.amount > 0:
        reason = _("本月業績 %(sales)s，未達門檻 %(threshold)s；退款沖回的不重複扣")
    else:
        reason = _("本月業績 %(sales)s，未達門檻 %(threshold)s，當月分潤不發")
    return Part(reason % facts, 0, "", entry.amount)
