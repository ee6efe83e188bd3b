"""Keep what is asked of a member all the time true to the member's orders."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

# Paid orders count, at what is left of them after refunds. A row is written only
# where something differs.
REFRESH = """
    insert into members_memberfacts as facts
        (member_id, orders, spend, spend_12m, first_order_at, last_order_at)
    select member.id,
           count(paid.id),
           coalesce(sum(paid.net - paid.refunded), 0),
           coalesce(sum(paid.net - paid.refunded)
                    filter (where paid.placed_at > %(now)s - interval '12 months'), 0),
           min(paid.placed_at),
           max(paid.placed_at)
    from members_member as member
    left join orders_order as paid
           on paid.member_id = member.id and paid.paid_at is not null
    where member.id = any(%(members)s)
    group by member.id
    order by member.id
    on conflict (member_id) do update
    set orders = excluded.orders, spend = excluded.spend,
        spend_12m = excluded.spend_12m, first_order_at = excluded.first_order_at,
        last_order_at = excluded.last_order_at
    where (facts.orders, facts.spend, facts.spend_12m,
           facts.first_order_at, facts.last_order_at)
          is distinct from
          (excluded.orders, excluded.spend, excluded.spend_12m,
           excluded.first_order_at, excluded.last_order_at)
    returning member_id
"""


def refresh(member_ids: Collection[int], *, now: datetime) -> list[int]:
    """Recompute the facts of the members; return those whose facts changed."""
    if not member_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"now": now, "members": sorted(set(member_ids))})
        return [member for (member,) in cursor.fetchall()]
