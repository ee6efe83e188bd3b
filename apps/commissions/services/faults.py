"""Rule who bears the commission of a refund: the person, or the house."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.attribution.models import Credit
from apps.audit import services as audit
from apps.commissions.models import CommissionEntry, RefundRuling
from apps.commissions.services import ledger
from apps.commissions.services.disputes import LONGEST
from apps.commissions.services.reverse import reverse
from apps.core import live
from apps.core.errors import Refused
from apps.orders.models import Refund
from apps.staff.models import Staff

Outcome = RefundRuling.Outcome
Kind = CommissionEntry.Kind


@transaction.atomic
def rule_refund(
    refund: Refund, person: Staff, outcome: str, *, reason: str, by: Staff,
    now: datetime,
) -> RefundRuling:  # fmt: skip
    """Let the person bear the refund's commission (the default), or the house.

    What the house bears is a second entry beside the reversal, which stays: it gives
    the person back what the refund took, in the reversal's month or the next open one;
    ruled the other way again, a third takes it back. Raises Refused: "fault_reason"
    without a reason, "fault_outcome" for neither, "fault_party" for the person
    themselves, "fault_pending" before the refund was taken back, "fault_nothing" where
    it took nothing of this person, "fault_same" for what holds already.
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST:
        raise Refused("fault_reason", _("請用 300 字以內寫下理由，店員會看到"))
    if outcome not in Outcome.values:
        raise Refused("fault_outcome", _("請選擇由誰負擔"))
    if by.pk == person.pk:
        raise Refused("fault_party", _("不能裁定自己的分潤"))
    row = Refund.objects.select_for_update().get(pk=refund.pk)
    accounts = _accounts(row, person, now=now)
    last = RefundRuling.objects.filter(refund=row, staff=person).last()
    if outcome == (last.outcome if last else Outcome.WITHHOLD):
        raise Refused("fault_same", _("目前就是這樣處理"))
    ruling = RefundRuling.objects.create(
        refund=row, staff=person, outcome=outcome, reason=said, by=by, at=now
    )
    amount = _carry_out(ruling, accounts, now=now)
    audit.record(
        "commissions.refund_ruled", ruling, by=by, now=now,
        refund=row.pk, staff=person.pk, outcome=outcome, reason=said, amount=amount,
    )  # fmt: skip
    live.publish(f"staff:{person.pk}", "credit", order=row.order_id)
    return ruling


def _accounts(refund: Refund, person: Staff, *, now: datetime) -> list[ledger.Account]:
    """Return the person's accounts that the refund took something of, held."""
    if refund.reversal_due_at is not None:
        reverse([refund.pk], now=now)
        refund.refresh_from_db(fields=["reversal_due_at"])
    held = Credit.objects.select_for_update(of=("self",)).filter(
        line__refunds__refund=refund, staff=person, superseded_at=None
    )
    credits_ = list(held.select_related("line").order_by("pk"))
    if refund.reversal_due_at or any(credit.accrual_due_at for credit in credits_):
        raise Refused("fault_pending", _("這筆退款還在計算，稍後再裁定"))
    took = set(_reversals(refund.pk, credits_).values_list("credit", flat=True))
    accounts = ledger.accounts_of(c for c in credits_ if c.pk in took)
    if not accounts:
        raise Refused("fault_nothing", _("這筆退款沒有沖回這位店員的分潤"))
    return list(accounts.values())


def _reversals(refund_id: int, credits_: Iterable[Credit]) -> QuerySet[CommissionEntry]:
    """Return what the refund took back of the credits."""
    return CommissionEntry.objects.filter(
        refund=refund_id, credit__in=list(credits_), kind=Kind.REVERSAL, amount__lt=0
    )


def _carry_out(
    ruling: RefundRuling, accounts: list[ledger.Account], *, now: datetime
) -> int:
    """Write what brings the person to what was ruled; return the sum (NT$)."""
    refund_id = ruling.refund_id
    reversals = _reversals(refund_id, (account.credit for account in accounts))
    taken = {entry.credit_id: entry for entry in reversals}
    months = ledger.hold_open({e.month for e in taken.values()}, now=now)
    entries = []
    for account in accounts:
        reversal = taken[account.credit.pk]
        borne = account.goodwill.get(refund_id, (0, 0))[0]
        due = -reversal.amount if ruling.outcome == Outcome.ABSORB else 0
        entries.append(
            ledger.goodwill(
                account.accrual,
                month=months[reversal.month],
                amount=due - borne,
                refund_id=refund_id,
                ruling_id=ruling.pk,
                cause=f"ruling:{ruling.pk}",
                now=now,
            )
        )
    CommissionEntry.objects.bulk_create(entries)
    return sum(entry.amount for entry in entries)
