"""Credit orders: decide each line and write down who earned it, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from apps.attribution.models import Credit, Decision
from apps.attribution.reports.policies import Version, in_force
from apps.attribution.rules import Decision as Ruling
from apps.attribution.services import policies
from apps.attribution.services.gather import OrderFacts, facts_of
from apps.attribution.services.ruling import rule
from apps.core import clock, live
from apps.core.jobs import nudge
from apps.core.money import WHOLE
from apps.orders.models import Order, OrderLine

NEW_DECISIONS = """
    select nextval(pg_get_serial_sequence('attribution_decision', 'id'))
    from generate_series(1, %s)
"""
COPY_DECISIONS = """
    copy attribution_decision (id, line_id, policy_id, basis, candidates, people,
        is_self_purchase, decided_at) from stdin
"""
COPY_CREDITS = """
    copy attribution_credit (decision_id, line_id, staff_id, store_id, share, amount,
        placed_at, is_online, accrual_due_at) from stdin
"""

# An order older than this is history: importing it wakes no screen.
NEWS = timedelta(days=1)


@dataclass(frozen=True)
class Credited:
    """What a batch came to, in orders and lines."""

    orders: int
    decided: int
    superseded: int


@dataclass(frozen=True)
class _Ruled:
    """A line with the ruling on it and the version of the policy it was made by."""

    order: Order
    line: OrderLine
    ruling: Ruling
    policy_id: int


@transaction.atomic
def credit(order_ids: Sequence[int], *, now: datetime) -> Credited:
    """Decide who earned each line of the orders, by the policy of the order's time.

    A decision in force is superseded only where the result is another one, and never
    after its month was closed. The number of queries does not grow with the batch.
    """
    orders = list(
        Order.objects.filter(pk__in=order_ids).order_by("pk").select_for_update()
    )
    published = policies.versions()
    window = max(version.rules.longest_window for version in published)
    ruled = [
        each
        for facts in facts_of(orders, window=window)
        for each in _rule(facts, in_force(published, facts.order.placed_at))
    ]
    before = _in_force(each.line.pk for each in ruled)
    changed = [each for each in ruled if _differs(each, before.get(each.line.pk))]
    old = [before[each.line.pk] for each in changed if each.line.pk in before]
    _supersede(old, now)
    if changed:
        _write(changed, now)
    Order.objects.filter(pk__in=[o.pk for o in orders]).update(credit_due_at=None)
    if changed:
        nudge("apps.commissions.tasks.accrue_pending")
        _tell(changed, old, now)
    return Credited(len(orders), len(changed), len(old))


def settle(month: date, *, now: datetime) -> int:
    """Keep the decisions on the month's orders (Taipei) for good; return how many."""
    lines = OrderLine.objects.filter(
        order__placed_at__gte=clock.start_of(month),
        order__placed_at__lt=clock.start_of(clock.next_month(month)),
    )
    in_force = Decision.objects.filter(superseded_at=None, settled_at=None)
    return in_force.filter(line__in=lines).update(settled_at=now)


def _rule(facts: OrderFacts, version: Version) -> Iterable[_Ruled]:
    for line, ruling in rule(facts, version.rules):
        yield _Ruled(facts.order, line, ruling, version.id)


def _in_force(line_ids: Iterable[int]) -> dict[int, Decision]:
    decisions = Decision.objects.filter(line__in=list(line_ids), superseded_at=None)
    return {each.line_id: each for each in decisions.prefetch_related("credits")}


def _differs(ruled: _Ruled, before: Decision | None) -> bool:
    """Tell whether the ruling is news: another class, person, store or amount."""
    if before is None:
        return True
    if before.settled_at is not None:
        return False
    [own] = before.credits.all()
    was = (before.basis, own.staff_id, own.store_id, own.amount, own.placed_at)
    ruling = ruled.ruling
    placed_at = ruled.order.placed_at
    return was != (
        ruling.basis,
        ruling.staff_id,
        ruling.store_id,
        ruled.line.net,
        placed_at,
    )


def _supersede(decisions: Sequence[Decision], now: datetime) -> None:
    """End decisions; the ledger is to take back what they paid."""
    ids = [decision.pk for decision in decisions]
    if not ids:
        return
    Decision.objects.filter(pk__in=ids).update(superseded_at=now)
    credits_of = Credit.objects.filter(decision__in=ids)
    credits_of.update(superseded_at=now)
    credits_of.filter(staff__isnull=False).update(accrual_due_at=now)


def _write(ruled: Sequence[_Ruled], now: datetime) -> None:
    """Write the decisions and their credits; copied in, for there may be a million."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_DECISIONS, [len(ruled)])
        ids = [pk for (pk,) in cursor.fetchall()]
        with cursor.copy(COPY_DECISIONS) as copy:
            for pk, each in zip(ids, ruled, strict=True):
                copy.write_row(_decision_row(pk, each, now))
        with cursor.copy(COPY_CREDITS) as copy:
            for pk, each in zip(ids, ruled, strict=True):
                copy.write_row(_credit_row(pk, each, now))


def _decision_row(pk: int, each: _Ruled, now: datetime) -> tuple[object, ...]:
    ruling = each.ruling
    candidates = json.dumps([candidate.as_json() for candidate in ruling.candidates])
    return (
        pk,
        each.line.pk,
        each.policy_id,
        ruling.basis,
        candidates,
        ruling.people,
        ruling.is_self_purchase,
        now,
    )


def _credit_row(pk: int, each: _Ruled, now: datetime) -> tuple[object, ...]:
    order, ruling = each.order, each.ruling
    return (
        pk,
        each.line.pk,
        ruling.staff_id,
        ruling.store_id,
        WHOLE,
        each.line.net,
        order.placed_at,
        order.channel != Order.Channel.STORE,
        now if ruling.staff_id else None,
    )


def _tell(ruled: Sequence[_Ruled], old: Sequence[Decision], now: datetime) -> None:
    """Tell the pages of those who gained or lost a recent order."""
    fresh = {each.line.pk: each for each in ruled if each.order.placed_at > now - NEWS}
    people = {(each.ruling.staff_id, each.order.pk) for each in fresh.values()}
    for decision in old:
        if own := fresh.get(decision.line_id):
            [was] = decision.credits.all()
            people.add((was.staff_id, own.order.pk))
    for staff_id, order_id in sorted((s, o) for s, o in people if s is not None):
        live.publish(f"staff:{staff_id}", "credit", order=order_id)
