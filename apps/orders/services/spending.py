"""Say of orders what loyalty asks: what is left of each, and what members spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.core import statements
from apps.loyalty import services as loyalty
from apps.loyalty.rules.points import Terms
from apps.loyalty.rules.tiers import Rung
from apps.orders.models import OrderLine

MEASURE = """
    insert into loyalty_spendwindow as kept (member_id, months, spend, best_order)
    select member.id, given.months,
           coalesce(sum(paid.net - paid.refunded), 0),
           coalesce(max(paid.net - paid.refunded), 0)
    from members_member as member
    cross join unnest(%(windows)s::int[]) as given (months)
    left join orders_order as paid
           on paid.member_id = member.id and paid.paid_at is not null
          and paid.placed_at > %(now)s - make_interval(months => given.months)
    where member.id = any(%(members)s)
    group by member.id, given.months
    order by member.id, given.months
    on conflict (member_id, months) do update
    set spend = excluded.spend, best_order = excluded.best_order
    where (kept.spend, kept.best_order)
          is distinct from (excluded.spend, excluded.best_order)
    returning member_id
"""
# What was spent when a tier was reached, of what is left of those orders now.
AS_OF = """
    select doubt.member_id,
           case when doubt.by = 'order' then coalesce(max(paid.net - paid.refunded), 0)
                else coalesce(sum(paid.net - paid.refunded), 0) end
    from unnest(%(members)s::bigint[], %(since)s::timestamptz[], %(by)s::text[],
                %(months)s::int[]) as doubt (member_id, since, by, months)
    left join orders_order as paid
           on paid.member_id = doubt.member_id and paid.paid_at is not null
          and paid.placed_at <= doubt.since
          and (doubt.by = 'lifetime'
               or paid.placed_at > doubt.since - make_interval(months => doubt.months))
    group by doubt.member_id, doubt.by
"""

# What was completed before the moment was kept counts as completed when it was paid.
LEFT = """
    select id, source, external_id, member_id, channel, placed_at, paid_at,
           net - refunded,
           coalesce(done_at, case when status = 'completed' then paid_at end)
    from orders_order where id = any(%(orders)s::bigint[]) order by id
"""


def measure(
    member_ids: Collection[int], steps: Sequence[Rung], *, now: datetime
) -> set[int]:
    """Keep the windows that tiers ask for true to the orders; return who changed."""
    windows = loyalty.windows(steps)
    if not windows or not member_ids:
        return set()
    facts: dict[str, Any] = {
        "windows": sorted(windows),
        "members": sorted(set(member_ids)),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(MEASURE, facts)
        return {member for (member,) in cursor.fetchall()}


def recheck_tiers(
    member_ids: Collection[int], steps: Sequence[Rung], *, now: datetime
) -> int:
    """Take back tiers that refunds undid; return how many."""
    doubts = loyalty.doubts(member_ids, steps=steps)
    if not doubts:
        return 0
    facts: dict[str, Any] = {
        "members": [doubt.member_id for doubt in doubts],
        "since": [doubt.since for doubt in doubts],
        "by": [doubt.by for doubt in doubts],
        "months": [doubt.months for doubt in doubts],
    }
    with connection.cursor() as cursor:
        cursor.execute(AS_OF, facts)
        spent = {member: int(amount) for member, amount in cursor.fetchall()}
    return loyalty.undo(doubts, spent, now=now)


def follow(
    order_ids: Collection[int],
    versions: Sequence[Terms],
    *,
    written: Collection[int] = (),
    now: datetime,
) -> int:
    """Let points follow the orders as they are now; return how many changed.

    `versions` are the rules of points, `written` those of the orders that this
    transaction made: without rules they earn nothing.
    """
    if not order_ids or (not versions and set(order_ids) == set(written)):
        return 0
    left: dict[int, dict[int, int]] = {}
    if any(terms.excluded for terms in versions):
        left = _left_by_category(order_ids)
    is_small = len(order_ids) <= statements.FEW
    rows = statements.fetch(LEFT, {"orders": list(order_ids)}, is_small=is_small)
    purchases = [
        loyalty.Purchase(
            pk, source, number, member, channel, placed_at, paid_at, net,
            left.get(pk, {}), done_at,
        )
        for pk, source, number, member, channel, placed_at, paid_at, net, done_at
        in rows
    ]  # fmt: skip
    return loyalty.follow_purchases(
        purchases, now=now, versions=versions, written=written
    )


def _left_by_category(order_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return what is left of each order's lines (NT$) by their category."""
    left: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    lines = (
        OrderLine.objects.filter(order__in=order_ids, product__isnull=False)
        .annotate(back=Coalesce(Sum("refunds__amount"), 0))
        .values_list("order_id", "product__category_id", F("net") - F("back"))
    )
    for order_id, category_id, amount in lines.order_by():
        left[order_id][category_id] += int(amount)
    return left
