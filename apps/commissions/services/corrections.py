"""Correct a line's credit without an objection: by HQ, with a reason, in the open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution.models import Credit, Decision
from apps.attribution.services.overrule import overrule
from apps.audit import services as audit
from apps.commissions.models import Correction, Dispute
from apps.commissions.services.accrue import accrue
from apps.commissions.services.disputes import LONGEST
from apps.core import live
from apps.core.errors import Refused
from apps.core.money import WHOLE
from apps.orders.models import Order, OrderLine
from apps.staff.models import Staff


@transaction.atomic
def correct_credit(
    line: OrderLine,
    shares: Mapping[int, int],
    *,
    reason: str,
    by: Staff,
    now: datetime,
) -> Correction:
    """Give the line to people by shares (basis points); to nobody: the house's.

    What was paid is taken back at its old rate and paid anew by each person's plan of
    the order's day, in the open month, both before this returns. Raises Refused:
    "correction_reason" without a reason, "correction_shares" for shares that are not
    the whole, "correction_party" for whoever gains or loses by it, "correction_pending"
    before the line is decided or while somebody objects to it, "correction_same".
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST:
        raise Refused("correction_reason", _("請用 300 字以內寫下更正的理由"))
    if shares and (sum(shares.values()) != WHOLE or min(shares.values()) <= 0):
        raise Refused("correction_shares", _("比例合計要是 100%"))
    Order.objects.select_for_update().get(pk=line.order_id)
    before = Decision.objects.filter(line=line, superseded_at=None).first()
    if before is None:
        raise Refused("correction_pending", _("這筆還在計算認列，稍後再更正"))
    held = _held(before)
    if by.pk in {*held, *shares}:
        raise Refused("correction_party", _("不能更正與自己有關的認列"))
    if held == dict(shares):
        raise Refused("correction_same", _("目前就是這樣認列"))
    if Dispute.objects.waiting().filter(line=line).exists():
        raise Refused("correction_pending", _("這筆有爭議待裁定，請直接裁定"))
    decision = overrule(line, shares, now=now)
    accrue([line.order_id], now=now)
    row = Correction.objects.create(
        line=line, before=before, decision=decision, reason=said, by=by, at=now
    )
    audit.record(
        "commissions.credit_corrected", row, by=by, now=now, line=line.pk, reason=said,
        before=held, after=dict(shares),
    )  # fmt: skip
    for person in sorted({*held, *shares}):
        live.publish(f"staff:{person}", "credit", order=line.order_id)
    return row


def _held(decision: Decision) -> dict[int, int]:
    """Return who holds the line, in basis points; nobody where it is the house's."""
    own = Credit.objects.filter(decision=decision)
    shares = own.values_list("staff", "share")
    return {person: share for person, share in shares if person is not None}
