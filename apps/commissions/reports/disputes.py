"""Disputes as they are shown: with their days, their sides and what may be ruled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Case, F, Q, Value, When

from apps.attribution.models import Decision
from apps.commissions import rules
from apps.commissions.models import Dispute
from apps.commissions.querysets import WAITING, DisputeQuerySet
from apps.core import clock
from apps.orders.models import Order, OrderLine
from apps.staff.models import Posting, Staff


@dataclass(frozen=True)
class Told:
    """A dispute with how long it has waited, and what the viewer may do about it."""

    dispute: Dispute
    days: int
    stores: str
    amount: int
    may_rule: bool
    may_withdraw: bool
    may_split: bool


@dataclass(frozen=True)
class Contestable:
    """A line that the viewer may object to, and who holds it."""

    line: OrderLine
    holder: str
    amount: int


def told(found: DisputeQuerySet, *, viewer: Staff, now: datetime) -> list[Told]:
    """Return the disputes with what the viewer may do (a fixed number of queries)."""
    rows = list(
        found.select_related(
            "order", "line", "staff", "against", "store", "ruling__by", "decision"
        )
    )
    ids = [row.pk for row in rows]
    rulable = set(
        Dispute.objects.rulable_by(viewer)
        .filter(pk__in=ids)
        .values_list("pk", flat=True)
    )
    today = clock.day_of(now)
    postings = Posting.objects.on(today).filter(
        is_main=True, staff__in=[row.staff_id for row in rows]
    )
    at = {each.staff_id: each.store for each in postings.select_related("store")}
    return [
        Told(
            dispute=row,
            days=((row.ended_at or now) - row.opened_at).days,
            stores=at[row.staff_id].label if row.staff_id in at else "",
            amount=row.line.net,
            may_rule=row.pk in rulable,
            may_withdraw=row.is_waiting and row.staff_id == viewer.pk,
            may_split=row.against_id is not None,
        )
        for row in rows
    ]


def waiting_first(found: DisputeQuerySet) -> DisputeQuerySet:
    """Order the disputes: those that wait, the longest first; then the latest ended."""
    waits = Case(When(state__in=WAITING, then=Value(0)), default=Value(1))
    return found.annotate(waits=waits).order_by(
        "waits", F("ended_at").desc(nulls_first=True), "opened_at", "pk"
    )


def searched(found: DisputeQuerySet, text: str) -> DisputeQuerySet:
    """Keep the disputes whose reasons, people, goods or order hold the words."""
    for word in text.split()[:6]:
        found = found.filter(
            Q(reason__icontains=word)
            | Q(ruling__reason__icontains=word)
            | Q(staff__name__icontains=word)
            | Q(against__name__icontains=word)
            | Q(line__name__icontains=word)
            | Q(order__external_id__iexact=word)
        )
    return found


def contestable(order: Order, *, viewer: Staff, now: datetime) -> list[Contestable]:
    """Return the order's lines that the viewer may object to, the largest first."""
    decisions = (
        Decision.objects.filter(line__order=order, superseded_at=None)
        .filter(people__contains=[viewer.pk])
        .select_related("line")
        .prefetch_related("credits__staff")
    )
    had = set(
        Dispute.objects.filter(order=order, staff=viewer)
        .exclude(state=Dispute.State.WITHDRAWN)
        .values_list("line", flat=True)
    )
    found = []
    for decision in decisions.order_by("-line__net", "line__position"):
        own = sorted(decision.credits.all(), key=lambda each: (-each.share, each.pk))
        why = rules.objection(
            viewer.pk,
            candidates=decision.people,
            owners=[each.staff_id for each in own if each.staff_id],
            had=decision.line_id in had,
            placed_at=order.placed_at,
            days=settings.DISPUTE_DAYS,
            now=now,
        )
        if why is None:
            holder = own[0].staff.label if own[0].staff else ""
            found.append(Contestable(decision.line, holder, decision.line.net))
    return found
