"""Try a draft policy on a period: read the facts, decide twice, keep what differs.

Both sides are decided anew from the same facts, the one by the version that was in
force at the order's time: whatever differs comes of the rules alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.attribution import rules
from apps.attribution.models import PolicyDraft, Simulation
from apps.attribution.reports.policies import in_force
from apps.attribution.rules import Decision, Rate, Side
from apps.attribution.services import policies
from apps.attribution.services.gather import (
    Gathered,
    LineRow,
    OrderRow,
    facts_of,
    rows_of,
)
from apps.attribution.services.ruling import rule
from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.core.memory import without_collection
from apps.core.money import share_of
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff.models import Staff

BATCH = 2_000
LONGEST = 366  # days of a period
MOST_ATTEMPTS = 5  # at one batch, before a person has to look

COPY_CHANGES = """
    copy attribution_simulationchange (simulation_id, line_id, order_id, placed_at,
        amount, before, after, commission_before, commission_after) from stdin
"""
ADD_SUMS = """
    insert into attribution_simulationsum (simulation_id, staff_id, store_id, basis,
        before, after, commission_before, commission_after)
    select %s, staff, store, basis, before, after, paid_before, paid_after
    from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::bigint[])
        as added(staff, store, basis, before, after, paid_before, paid_after)
    on conflict on constraint one_sum_a_place do update set
        before = attribution_simulationsum.before + excluded.before,
        after = attribution_simulationsum.after + excluded.after,
        commission_before = attribution_simulationsum.commission_before
            + excluded.commission_before,
        commission_after = attribution_simulationsum.commission_after
            + excluded.commission_after
"""

Place = tuple[int | None, int | None, str]


class _Change(NamedTuple):
    """A line that moves: the columns of a `SimulationChange`."""

    simulation_id: int
    line_id: int
    order_id: int
    placed_at: datetime
    amount: int
    before: str
    after: str
    commission_before: int
    commission_after: int


@dataclass
class _Found:
    """What a batch came to: the sums by place, and the lines that move."""

    sums: dict[Place, list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0])
    )
    changes: list[_Change] = field(default_factory=list)


@transaction.atomic
def start_simulation(
    draft: PolicyDraft,
    *,
    since: date,
    until: date,
    rates: Sequence[Rate],
    by: Staff,
    now: datetime,
) -> Simulation:
    """Have a worker try the draft on the orders of the days (Taipei, both included).

    `rates` say what a credit pays, for the commission that would move. Raises Refused:
    "simulation_period" for days that make no sense or more than a year of them,
    "simulation_runs" while another of the draft is under way.
    """
    if not since <= until <= clock.day_of(now) or (until - since).days >= LONGEST:
        message = _("期間要在今天以前，起日不能晚於迄日，最長 %(days)s 天")
        raise Refused("simulation_period", message % {"days": LONGEST})
    held = PolicyDraft.objects.select_for_update().get(pk=draft.pk)
    if held.simulations.filter(status__in=["queued", "running"]).exists():
        raise Refused("simulation_runs", _("這份草案正在試算，請等它完成或先取消"))
    row = Simulation.objects.create(
        draft=held,
        name=held.name,
        rules=rules.Policy.from_json(held.rules).as_json(),
        since=since,
        until=until,
        rates=[rate.as_json() for rate in rates],
        started_by=by,
        created_at=now,
    )
    audit.record(
        "policy.simulated", row, by=by, now=now, draft=held.pk, since=since,
        until=until,
    )  # fmt: skip
    nudge("apps.attribution.tasks.simulate_pending")
    return row


@transaction.atomic
def cancel_simulation(simulation: Simulation, *, by: Staff, now: datetime) -> None:
    """Stop the simulation after the batch in hand and throw away what it found.

    Raises Refused: "simulation_over" for one that is not under way.
    """
    row = Simulation.objects.select_for_update().get(pk=simulation.pk)
    if not row.is_under_way:
        raise Refused("simulation_over", _("這次試算已經結束，不能取消"))
    row.sums.all().delete()
    row.changes.all().delete()
    row.status, row.ended_at = Simulation.Status.CANCELLED, now
    row.save(update_fields=["status", "ended_at"])
    audit.record("policy.simulation_cancelled", row, by=by, now=now)


def advance(simulation_id: int, *, now: datetime, limit: int = BATCH) -> bool:
    """Decide the next orders of the simulation; return whether some are left.

    The attempt is counted before the work, in a transaction of its own: a batch that
    fails again and again ends the simulation. A row in another worker's hands, or one
    that was cancelled, is left alone. The queries of a batch are of a fixed number.
    """
    if not _attempt(simulation_id, now):
        return False
    with transaction.atomic():
        row = (
            Simulation.objects.filter(
                pk=simulation_id, status=Simulation.Status.RUNNING
            )
            .select_for_update(skip_locked=True)
            .first()
        )
        if row is None:
            return False
        with without_collection():
            orders = rows_of(_ahead(row)[:limit])
            _take(row, orders)
        row.attempts = 0
        if len(orders) < limit:
            row.status, row.ended_at = Simulation.Status.DONE, now
        row.save()
        return row.is_under_way


@transaction.atomic
def _attempt(simulation_id: int, now: datetime) -> bool:
    """Count an attempt at the next batch; give up where there were too many."""
    row = (
        Simulation.objects.filter(pk=simulation_id, status__in=["queued", "running"])
        .select_for_update(skip_locked=True)
        .first()
    )
    if row is None:
        return False
    if row.started_at is None:
        row.started_at, row.orders = now, _ahead(row).count()
    row.attempts += 1
    is_hopeless = row.attempts > MOST_ATTEMPTS
    row.status = Simulation.Status.RUNNING
    if is_hopeless:
        row.status, row.ended_at = Simulation.Status.FAILED, now
        row.sums.all().delete()
        row.changes.all().delete()
    row.save()
    return not is_hopeless


def _ahead(row: Simulation) -> OrderQuerySet:
    """Return the orders of the period that were not decided yet, in order."""
    found = Order.objects.filter(
        placed_at__gte=row.reached_at or clock.start_of(row.since),
        placed_at__lt=clock.end_of(row.until),
    )
    if row.reached_at is not None:
        found = found.exclude(placed_at=row.reached_at, pk__lte=row.reached)
    return found.order_by("placed_at", "pk")


def _take(row: Simulation, orders: Sequence[OrderRow]) -> None:
    """Decide the orders by both ladders and add what comes of it to the row."""
    if not orders:
        return
    draft, published = rules.Policy.from_json(row.rules), policies.versions()
    rates = [Rate.from_json(stored) for stored in row.rates]
    ladders = [draft, *(version.rules for version in published)]
    found = _Found()
    for facts in facts_of(
        orders, window=max(ladder.longest_window for ladder in ladders)
    ):
        version = in_force(published, facts.order.placed_at)
        _weigh(row, facts, (version.rules, draft), rates, found)
    _write(row, found)
    row.done += len(orders)
    row.reached_at, row.reached = orders[-1].placed_at, orders[-1].id
    row.changed_lines += len(found.changes)
    row.changed_orders += len({change.order_id for change in found.changes})
    row.amount_moved += sum(change.amount for change in found.changes)
    row.commission_moved += sum(
        change.commission_after - change.commission_before for change in found.changes
    )


def _weigh(
    row: Simulation,
    facts: Gathered,
    ladders: tuple[rules.Policy, rules.Policy],
    rates: Sequence[Rate],
    found: _Found,
) -> None:
    """Decide an order's lines by both ladders."""
    order = facts.order
    day = clock.day_of(order.placed_at)
    rate = rules.rate_on(rates, day, is_online=order.is_online)
    before, after = (rule(facts, ladder) for ladder in ladders)
    for (line, was), (_line, would_be) in zip(before, after, strict=True):
        paid = [
            _add(found, ruling, side, line.net, rate)
            for side, ruling in enumerate((was, would_be))
        ]
        sides = rules.compare(was, would_be)
        if sides:
            found.changes.append(_change(row, order, line, sides, paid))


def _add(found: _Found, ruling: Decision, side: int, net: int, rate: int) -> int:
    """Add each share of the line to its place; return the commission on them."""
    in_all = 0
    for part, amount in zip(ruling.shares, ruling.amounts(net), strict=True):
        paid = share_of(amount, rate) if part.staff_id else 0
        sums = found.sums[(part.staff_id, part.store_id, ruling.basis)]
        sums[side] += amount
        sums[2 + side] += paid
        in_all += paid
    return in_all


def _change(
    row: Simulation,
    order: OrderRow,
    line: LineRow,
    sides: tuple[Side, Side],
    paid: Sequence[int],
) -> _Change:
    before, after = sides
    return _Change(
        row.pk,
        line.id,
        order.id,
        order.placed_at,
        line.net,
        json.dumps(before.as_json()),
        json.dumps(after.as_json()),
        *paid,
    )


def _write(row: Simulation, found: _Found) -> None:
    places, sums = list(found.sums), list(found.sums.values())
    columns = [list(column) for column in zip(*places, strict=True)]
    columns += [list(column) for column in zip(*sums, strict=True)]
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(ADD_SUMS, [row.pk, *columns])
            with cursor.copy(COPY_CHANGES) as copy:
                for change in found.changes:
                    copy.write_row(change)
