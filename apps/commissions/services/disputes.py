"""Objections to a line's credit: opened, passed on, withdrawn, ended by time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution.models import Credit, Decision
from apps.audit import services as audit
from apps.commissions import rules
from apps.commissions.models import Dispute
from apps.commissions.reports.evidence import evidence_of
from apps.core import clock, live
from apps.core.errors import Refused
from apps.orders.models import Order, OrderLine
from apps.staff.models import Posting, Staff

LONGEST = 300
State = Dispute.State


@transaction.atomic
def open_dispute(line: OrderLine, *, by: Staff, reason: str, now: datetime) -> Dispute:
    """Object to the credit of the line; the evidence is gathered and frozen.

    Within one store its manager rules first, otherwise HQ. Raises Refused:
    "dispute_reason" without a reason, "dispute_pending" before the line is decided,
    "dispute_own", "dispute_not_concerned", "dispute_too_late" or "dispute_twice" by
    `rules.objection`.
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST:
        raise Refused("dispute_reason", _("請用 300 字以內說明理由"))
    order = Order.objects.select_for_update().get(pk=line.order_id)
    decision = Decision.objects.filter(line=line, superseded_at=None).first()
    if decision is None:
        raise Refused("dispute_pending", _("這筆還在計算認列，稍後再提出"))
    credits_ = list(decision.credits.select_related("staff").order_by("-share", "pk"))
    _allow(by, decision, credits_, order, now=now)
    against = credits_[0].staff
    store_id = _common_store(by, against, now=now)
    dispute = Dispute.objects.create(
        order=order,
        line=line,
        decision=decision,
        staff=by,
        against=against,
        store_id=store_id,
        reason=said,
        evidence=evidence_of(
            line, decision, *(c.staff_id for c in credits_ if c.staff_id), by.pk
        ),
        state=State.OPEN if store_id else State.WITH_HQ,
        opened_at=now,
        with_hq_at=None if store_id else now,
    )
    audit.record(
        "commissions.dispute_opened", dispute, by=by, now=now,
        line=line.pk, reason=said, state=dispute.state,
    )  # fmt: skip
    tell(dispute)
    return dispute


@transaction.atomic
def pass_dispute_on(dispute: Dispute, *, by: Staff, now: datetime) -> Dispute:
    """Leave the ruling to HQ. Raises Refused: "dispute_over" when it is not open."""
    row = hold(dispute)
    if row.state != State.OPEN:
        raise Refused("dispute_over", _("這件爭議已經不在門市"))
    _pass_on(row, by=by, now=now)
    return row


@transaction.atomic
def withdraw_dispute(dispute: Dispute, *, by: Staff, now: datetime) -> Dispute:
    """Take one's objection back.

    Raises Refused: "dispute_not_own" for somebody else's, "dispute_over" after its end.
    """
    row = hold(dispute)
    if row.staff_id != by.pk:
        raise Refused("dispute_not_own", _("只有提出的人可以撤回"))
    if not row.is_waiting:
        raise Refused("dispute_over", _("這件爭議已經結束"))
    _end(row, State.WITHDRAWN, by=by, now=now)
    return row


def advance_disputes(*, now: datetime) -> int:
    """Pass on what a store left lying, end what HQ left lying; return how many."""
    store = now - timedelta(days=settings.DISPUTE_STORE_DAYS)
    hq = now - timedelta(days=settings.DISPUTE_HQ_DAYS)
    waiting = Dispute.objects.select_for_update(skip_locked=True)
    with transaction.atomic():
        left = list(waiting.filter(state=State.OPEN, opened_at__lte=store)[:500])
        for row in left:
            _pass_on(row, by=None, now=now)
        late = list(waiting.filter(state=State.WITH_HQ, with_hq_at__lte=hq)[:500])
        for row in late:
            _end(row, State.EXPIRED, by=None, now=now)
    return len(left) + len(late)


def hold(dispute: Dispute) -> Dispute:
    """Lock the dispute, so that of two acts on it the second sees the first."""
    return Dispute.objects.select_for_update().get(pk=dispute.pk)


def tell(dispute: Dispute) -> None:
    """Tell the pages of both sides."""
    for person in sorted(filter(None, {dispute.staff_id, dispute.against_id})):
        live.publish(f"staff:{person}", "dispute", dispute=dispute.pk)


def _allow(
    by: Staff,
    decision: Decision,
    credits_: list[Credit],
    order: Order,
    *,
    now: datetime,
) -> None:
    """Refuse whoever may not object."""
    earlier = Dispute.objects.filter(line=decision.line_id, staff=by)
    why = rules.objection(
        by.pk,
        candidates=decision.people,
        owners=[c.staff_id for c in credits_ if c.staff_id],
        had=earlier.exclude(state=State.WITHDRAWN).exists(),
        placed_at=order.placed_at,
        days=settings.DISPUTE_DAYS,
        now=now,
    )
    if why is None:
        return
    messages = {
        rules.Objection.OWN: _("這筆已經認列給你"),
        rules.Objection.NOT_CONCERNED: _("這筆訂單沒有你的紀錄，不能提出爭議"),
        rules.Objection.TOO_LATE: _("已超過下單後 %(days)s 天，不能再提出爭議"),
        rules.Objection.TWICE: _("這筆你已經提出過爭議"),
    }
    facts = {"days": settings.DISPUTE_DAYS}
    raise Refused(f"dispute_{why.value}", messages[why] % facts)


def _common_store(by: Staff, against: Staff | None, *, now: datetime) -> int | None:
    """Return the store both serve at and that has a manager above both, if any."""
    if against is None:
        return None
    postings = Posting.objects.on(clock.day_of(now))
    own = postings.filter(staff=by).values("store")
    shared = postings.filter(staff=against, store__in=own).values("store")
    managed = postings.filter(
        store__in=shared, staff__role=Staff.Role.MANAGER, staff__is_active=True
    ).exclude(staff__in=[by, against])
    return managed.order_by("store").values_list("store", flat=True).first()


def _pass_on(row: Dispute, *, by: Staff | None, now: datetime) -> None:
    row.state, row.with_hq_at = State.WITH_HQ, now
    row.save(update_fields=["state", "with_hq_at"])
    audit.record("commissions.dispute_passed_on", row, by=by, now=now)
    tell(row)


def _end(row: Dispute, state: str, *, by: Staff | None, now: datetime) -> None:
    row.state, row.ended_at = state, now
    row.save(update_fields=["state", "ended_at"])
    audit.record(f"commissions.dispute_{state}", row, by=by, now=now)
    tell(row)
