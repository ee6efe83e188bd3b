"""Publish plans from a day on, and tell whose plan pays a credit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.attribution.models import Credit
from apps.audit import services as audit
from apps.commissions import rules
from apps.commissions.models import Plan
from apps.core import clock
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.staff.models import Posting, Staff

PLAN_LOCK = 4203


@dataclass(frozen=True)
class Rated:
    """A credit with the plan that pays it, and its rate."""

    credit: Credit
    plan_id: int
    rate: rules.Rate


def rated(credits_: Sequence[Credit]) -> list[Rated]:
    """Return the credits that a plan pays, in their order (two queries).

    The credits' `staff` and `line__product` must have been loaded along.
    """
    plans = [plan.facts for plan in Plan.objects.all()]
    scopes = scopes_of(
        (credit.staff, clock.day_of(credit.placed_at))
        for credit in credits_
        if credit.staff is not None
    )
    found = []
    for credit in credits_:
        day = clock.day_of(credit.placed_at)
        plan = rules.plan_of(plans, scopes[credit.staff_id or 0, day], day)
        if plan is not None:
            product = credit.line.product
            rate = plan.terms.rate(
                is_online=credit.is_online,
                category_id=product.category_id if product else None,
                store_id=credit.store_id,
            )
            found.append(Rated(credit, plan.id, rate))
    return found


def scopes_of(
    people: Iterable[tuple[Staff, date]],
) -> dict[tuple[int, date], rules.Scope]:
    """Return each person's role and main store on the day (one query)."""
    wanted = {(person.pk, day): person.role for person, day in people}
    if not wanted:
        return {}
    days = [day for _pk, day in wanted]
    postings = list(
        Posting.objects.filter(
            staff__in={pk for pk, _day in wanted},
            is_main=True,
            starts_on__lte=max(days),
        )
        .exclude(ends_on__lte=min(days))
        .order_by("-starts_on", "pk")
    )
    by_person: dict[int, list[Posting]] = {}
    for posting in postings:
        by_person.setdefault(posting.staff_id, []).append(posting)
    return {
        (pk, day): rules.Scope(pk, _store_on(by_person.get(pk, ()), day), role)
        for (pk, day), role in wanted.items()
    }


def _store_on(postings: Iterable[Posting], day: date) -> int | None:
    """Return the store of the posting on the day that began last."""
    for posting in postings:
        ended = posting.ends_on is not None and posting.ends_on <= day
        if posting.starts_on <= day and not ended:
            return posting.store_id
    return None


@transaction.atomic
def publish_plan(
    name: str,
    *,
    starts_on: date,
    by: Staff | None,
    now: datetime,
    terms: rules.Terms | None = None,
    scope: rules.Scope | None = None,
    online_rate: int = 0,
    store_rate: int = 0,
) -> Plan:
    """Publish a plan for a scope, everybody by default; it ends the version before.

    What it pays are the terms, or two plain rates in basis points. The very first plan
    may start in the past. Raises Refused: "plan_past" for a later one that starts
    before today, "plan_taken" for a day on which another of the scope starts,
    "plan_midmonth" where a month's sales matter and it starts within a month.
    """
    _hold()
    own = terms or rules.Terms(rules.Rate(online_rate), rules.Rate(store_rate))
    whose = scope or rules.Scope()
    versions = Plan.objects.of_scope(whose).select_for_update()
    if versions.filter(starts_on=starts_on).exists():
        raise Refused("plan_taken", _("這一天已經有另一個方案起始"))
    if starts_on < clock.day_of(now) and Plan.objects.exists():
        raise Refused("plan_past", _("起始日不能早於今天，已計入的分潤不會重算"))
    before = versions.on(starts_on).first()
    _check_month(starts_on, own, before)
    after = versions.filter(starts_on__gt=starts_on).order_by("starts_on").first()
    if before is not None:
        _end(before, starts_on)
    plan = Plan(
        name=name, starts_on=starts_on, ends_on=after.starts_on if after else None,
        staff_id=whose.staff_id, store_id=whose.store_id, role=whose.role,
        published_by=by, published_at=now,
    )  # fmt: skip
    plan.write(own)
    plan.save()
    audit.record(
        "commissions.plan_published", plan, by=by, now=now,
        online_rate=plan.online_rate, store_rate=plan.store_rate, terms=plan.terms,
        starts_on=starts_on,
    )  # fmt: skip
    _cover(starts_on, now=now)
    return plan


@transaction.atomic
def end_plan(plan: Plan, *, ends_on: date, by: Staff, now: datetime) -> Plan:
    """Let a plan of one person, store or role end: the wider one holds from the day.

    Raises Refused: "plan_everybodys" for the plan of everybody, "plan_past" for a day
    that has begun or after its end, "plan_midmonth" as `publish_plan`.
    """
    _hold()
    row = Plan.objects.select_for_update().get(pk=plan.pk)
    if row.scope == rules.Scope():
        raise Refused("plan_everybodys", _("全體方案不能停用，請發布下一版"))
    is_over = row.ends_on is not None and row.ends_on <= ends_on
    if ends_on <= clock.day_of(now) or ends_on <= row.starts_on or is_over:
        raise Refused("plan_past", _("停用日要在明天以後，並在方案的期間內"))
    _check_month(ends_on, row.read(), None)
    _end(row, ends_on)
    audit.record("commissions.plan_ended", row, by=by, now=now, ends_on=ends_on)
    return row


def _hold() -> None:
    """Let one person at a time publish: a version leans on its neighbours."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [PLAN_LOCK])


def _check_month(day: date, terms: rules.Terms, before: Plan | None) -> None:
    """Refuse to cut a month in two whose sales are looked at as a whole."""
    matters = terms.looks_at_months or (before and before.read().looks_at_months)
    if matters and day.day != 1:
        raise Refused("plan_midmonth", _("有門檻或級距的方案以整月計算，請選每月 1 日"))


def _end(plan: Plan, day: date) -> None:
    plan.ends_on = day
    plan.save(update_fields=["ends_on"])


def _cover(day: date, *, now: datetime) -> None:
    """Let the ledger look again at credits that no plan has paid yet."""
    uncovered = Credit.objects.filter(
        placed_at__gte=clock.start_of(day),
        staff__isnull=False,
        superseded_at=None,
        entries=None,
    )
    if uncovered.update(accrual_due_at=now):
        nudge("apps.commissions.tasks.accrue_pending")
