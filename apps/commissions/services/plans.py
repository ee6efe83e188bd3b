"""Publish the rates from a day on; what was accrued keeps its own."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution.models import Credit
from apps.audit import services as audit
from apps.commissions.models import Plan
from apps.core import clock
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.staff.models import Staff


@transaction.atomic
def publish_plan(
    name: str,
    *,
    starts_on: date,
    online_rate: int,
    store_rate: int,
    by: Staff | None,
    now: datetime,
) -> Plan:
    """Publish a plan; rates in basis points. The first may start in the past.

    Raises Refused: "plan_past" for a later plan that starts before today, "plan_taken"
    for a day on which another starts.
    """
    if Plan.objects.filter(starts_on=starts_on).exists():
        raise Refused("plan_taken", _("這一天已經有另一個方案起始"))
    if starts_on < clock.day_of(now) and Plan.objects.exists():
        raise Refused("plan_past", _("起始日不能早於今天，已計入的分潤不會重算"))
    plan = Plan.objects.create(
        name=name, starts_on=starts_on, online_rate=online_rate, store_rate=store_rate
    )
    audit.record(
        "commissions.plan_published",
        plan,
        by=by,
        now=now,
        online_rate=online_rate,
        store_rate=store_rate,
    )
    uncovered = Credit.objects.filter(
        placed_at__gte=clock.start_of(starts_on),
        staff__isnull=False,
        superseded_at=None,
        entries=None,
    )
    if uncovered.update(accrual_due_at=now):
        nudge("apps.commissions.tasks.accrue_pending")
    return plan
