"""Rule on a dispute: the line's credit changes hands, and the ledger with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution.models import Credit, Decision
from apps.attribution.services.overrule import overrule
from apps.audit import services as audit
from apps.commissions import rules
from apps.commissions.models import Dispute, Ruling
from apps.commissions.services.accrue import accrue
from apps.commissions.services.disputes import LONGEST, hold, tell
from apps.core.errors import Refused
from apps.core.money import WHOLE
from apps.staff.models import Staff

Outcome = Ruling.Outcome


@transaction.atomic
def rule(
    dispute: Dispute, outcome: str, *, reason: str, by: Staff, now: datetime
) -> Ruling:
    """Rule to keep the credit, to split it evenly, or to give it to who objected.

    What changes hands is taken back at its old rate and paid at the rate of the plan
    of the order's day, both in the open month and both before this returns. Raises
    Refused: "dispute_over" when it has ended, "ruling_party" for a side of it,
    "ruling_reason" without a reason, "ruling_outcome" for a split with nobody.
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST:
        raise Refused("ruling_reason", _("請用 300 字以內寫下裁定理由，雙方都會看到"))
    row = hold(dispute)
    if not row.is_waiting:
        raise Refused("dispute_over", _("這件爭議已經結束"))
    if by.pk in {row.staff_id, row.against_id}:
        raise Refused("ruling_party", _("當事人不能裁定自己的爭議"))
    decision = _carry_out(row, outcome, now=now)
    ruling = Ruling.objects.create(
        dispute=row, outcome=outcome, reason=said, by=by, at=now, decision=decision
    )
    row.state, row.ended_at = Dispute.State.RULED, now
    row.save(update_fields=["state", "ended_at"])
    audit.record(
        "commissions.dispute_ruled", row, by=by, now=now, outcome=outcome, reason=said,
        before=row.decision_id, after=decision.pk if decision else None,
    )  # fmt: skip
    tell(row)
    return ruling


def _carry_out(dispute: Dispute, outcome: str, *, now: datetime) -> Decision | None:
    """Hand the line over and let the ledger follow; nothing where it is kept."""
    if outcome == Outcome.KEEP:
        return None
    shares = _shares(dispute, outcome)
    decision = overrule(dispute.line, shares, now=now)
    accrue([dispute.order_id], now=now)
    return decision


def _shares(dispute: Dispute, outcome: str) -> dict[int, int]:
    """Return who is to hold how much, in basis points."""
    if outcome == Outcome.REASSIGN:
        return {dispute.staff_id: WHOLE}
    held = Credit.objects.filter(line=dispute.line_id, superseded_at=None)
    holders = held.filter(staff__isnull=False).order_by("-share", "pk")
    people = [pk for pk in holders.values_list("staff", flat=True) if pk is not None]
    if outcome != Outcome.SPLIT or not people:
        raise Refused("ruling_outcome", _("這件爭議不能這樣裁定"))
    people = list(dict.fromkeys([*people, dispute.staff_id]))
    return dict(zip(people, rules.even_shares(len(people)), strict=True))
