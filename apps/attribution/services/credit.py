"""Credit orders: decide each line and write down who earned it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from apps.attribution.models import Credit, Decision
from apps.attribution.reports.policies import in_force
from apps.attribution.rules import Decision as Ruling
from apps.attribution.services import policies
from apps.attribution.services.gather import LineRow, OrderRow, facts_of, locked
from apps.attribution.services.ruling import rule
from apps.core import clock, live
from apps.core.jobs import nudge
from apps.core.memory import without_collection
from apps.orders.models import OrderLine

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
IN_FORCE = """
    select d.line_id, d.id, d.basis, d.settled_at is not null,
        c.staff_id, c.store_id, c.share, c.amount, c.placed_at
    from attribution_decision d
    join attribution_credit c on c.decision_id = d.id
    where d.line_id = any(%s) and d.superseded_at is null
"""
DONE = """
    update orders_order set credit_due_at = null
    where id = any(%s) and credit_due_at is not null
"""
NULL = "\\N"  # as COPY writes it

# An order older than this is history: importing it wakes no screen.
NEWS = timedelta(days=1)


@dataclass(frozen=True)
class Credited:
    """What a batch came to, in orders and lines."""

    orders: int
    decided: int
    superseded: int


class _Ruled(NamedTuple):
    """A line with the ruling on it and the version of the policy it was made by."""

    order: OrderRow
    line: LineRow
    ruling: Ruling
    policy_id: int


Part = tuple[int | None, int | None, int, int, datetime]


@dataclass
class _Held:
    """A decision in force, with its credits: staff, store, share, amount, when."""

    line_id: int
    id: int
    basis: str
    is_settled: bool
    shares: set[Part] = field(default_factory=set)


@transaction.atomic
def credit(order_ids: Sequence[int], *, now: datetime) -> Credited:
    """Decide who earned each line of the orders, by the policy of the order's time.

    A decision in force is superseded only where the result is another one, and never
    after its month was closed. The number of queries does not grow with the batch.
    """
    with without_collection():
        return _credit(order_ids, now)


def _credit(order_ids: Sequence[int], now: datetime) -> Credited:
    orders = locked(order_ids)
    published = policies.versions()
    window = max(version.rules.longest_window for version in published)
    ruled = []
    for found in facts_of(orders, window=window):
        version = in_force(published, found.order.placed_at)
        for line, ruling in rule(found, version.rules):
            ruled.append(_Ruled(found.order, line, ruling, version.id))
    before = _in_force(each.line.id for each in ruled)
    changed = [each for each in ruled if _differs(each, before.get(each.line.id))]
    old = [before[each.line.id] for each in changed if each.line.id in before]
    _supersede([each.id for each in old], now)
    if changed:
        _write(changed, now)
    _execute(DONE, list(order_ids))
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


def _in_force(line_ids: Iterable[int]) -> dict[int, _Held]:
    found: dict[int, _Held] = {}
    for line, pk, basis, is_settled, *part in _execute(IN_FORCE, list(line_ids)):
        held = found.setdefault(line, _Held(line, pk, basis, is_settled))
        held.shares.add(tuple(part))
    return found


def _execute(sql: str, facts: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [facts])
        return list(cursor.fetchall()) if cursor.description else []


def _differs(ruled: _Ruled, before: _Held | None) -> bool:
    """Tell whether the ruling is news: another class, person, store, part or amount."""
    if before is None:
        return True
    if before.is_settled:
        return False
    ruling, line, placed_at = ruled.ruling, ruled.line, ruled.order.placed_at
    shares = {
        (part.staff_id, part.store_id, part.share, amount, placed_at)
        for part, amount in zip(ruling.shares, ruling.amounts(line.net), strict=True)
    }
    return before.basis != ruling.basis or before.shares != shares


def _supersede(ids: Sequence[int], now: datetime) -> None:
    """End decisions; the ledger is to take back what they paid."""
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
        at = now.isoformat()
        decisions = [
            _decision_row(pk, each, at) for pk, each in zip(ids, ruled, strict=True)
        ]
        with cursor.copy(COPY_DECISIONS) as copy:
            copy.write("".join(decisions))
        credits_ = [
            _credit_rows(pk, each, at) for pk, each in zip(ids, ruled, strict=True)
        ]
        with cursor.copy(COPY_CREDITS) as copy:
            copy.write("".join(credits_))


def _decision_row(pk: int, each: _Ruled, at: str) -> str:
    """Return the decision as a line of COPY; the JSON is ASCII without tabs."""
    _order, line, ruling, policy_id = each
    candidates = ruling.text.replace("\\", "\\\\")
    people = ",".join(map(str, ruling.people))
    return (
        f"{pk}\t{line.id}\t{policy_id}\t{ruling.basis}\t{candidates}\t"
        f"{{{people}}}\t{'t' if ruling.is_self_purchase else 'f'}\t{at}\n"
    )


def _credit_rows(pk: int, each: _Ruled, at: str) -> str:
    """Return the decision's credits as lines of COPY."""
    order, line, ruling, _policy_id = each
    when = f"{order.placed_at.isoformat()}\t{'t' if order.is_online else 'f'}"
    return "".join(
        [
            f"{pk}\t{line.id}\t{part.staff_id or NULL}\t{part.store_id or NULL}\t"
            f"{part.share}\t{amount}\t{when}\t{at if part.staff_id else NULL}\n"
            for part, amount in zip(
                ruling.shares, ruling.amounts(line.net), strict=True
            )
        ]
    )


def _tell(ruled: Sequence[_Ruled], old: Sequence[_Held], now: datetime) -> None:
    """Tell the pages of those who gained or lost a recent order."""
    fresh = {each.line.id: each for each in ruled if each.order.placed_at > now - NEWS}
    people = {
        (part.staff_id, each.order.id)
        for each in fresh.values()
        for part in each.ruling.shares
    }
    for held in old:
        if own := fresh.get(held.line_id):
            people |= {(share[0], own.order.id) for share in held.shares}
    for staff_id, order_id in sorted((s, o) for s, o in people if s is not None):
        live.publish(f"staff:{staff_id}", "credit", order=order_id)
