"""What came of the sales: months settled and paid, and credits somebody objects to."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.attribution.models import Basis, Credit
from apps.commissions import services as commissions
from apps.commissions.models import CommissionEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.staff.models import Staff

OBJECTIONS = (
    "客人是我在 LINE 上約來店裡的，那天剛好換班，由同事結帳。",
    "尺寸跟顏色都是我前一天幫她確認好的，她只是進來拿。",
    "這位是我綁定的顧客，當天我在後場補貨，請同事先結。",
)
WITHIN = timedelta(days=20)


def settle(*, now: datetime) -> None:
    """Settle and pay every month but the last whole one, which waits for HQ."""
    finance, admin = (Staff.objects.get(code=code) for code in ("finance", "hq"))
    this_month = clock.month_of(now)
    months = CommissionEntry.objects.filter(month__lt=this_month)
    known = sorted(set(months.values_list("month", flat=True)))
    for month in known[:-1]:
        commissions.prepare_settlement(month, by=finance, now=now)
        commissions.approve_settlement(month, by=admin, now=now)
        commissions.mark_settlement_paid(month, by=finance, now=now)


def object_to_credits(*, now: datetime) -> None:
    """Let salespeople object where a colleague rang up a customer bound to them."""
    reasons = iter(OBJECTIONS)
    reason = next(reasons)
    for credit, person in _rung_up_by_a_colleague(now=now):
        try:
            commissions.open_dispute(credit.line, by=person, reason=reason, now=now)
        except Refused:
            continue  # somebody the rules let not object, such as a manager
        reason = next(reasons, "")
        if not reason:
            return


def _rung_up_by_a_colleague(*, now: datetime) -> Iterator[tuple[Credit, Staff]]:
    credits_ = (
        Credit.objects.filter(
            superseded_at=None,
            decision__basis=Basis.POS_SELLER,
            placed_at__gte=now - WITHIN,
            staff__isnull=False,
        )
        .select_related("decision", "line")
        .order_by("-placed_at", "pk")
    )
    serving = Staff.objects.serving().in_bulk()
    seen: set[int] = set()
    for credit in credits_:
        for pk in credit.decision.people:
            if pk != credit.staff_id and pk in serving and pk not in seen:
                seen.add(pk)
                yield credit, serving[pk]
