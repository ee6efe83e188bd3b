"""Add orders just written to what is kept of their members, all in one statement.

The same columns and counts as `facts` and `postings` compute anew; a nightly sample
compares the two.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from apps.core import statements
from apps.orders.services import facts, postings

# A day counts where no older order of the member is of it: of the new ones `added`
# counted it already.
ADD = f"""
    with bought as materialized (
        select * from orders_order
        where id = any(%(orders)s::bigint[]) and member_id = any(%(members)s::bigint[])
          and (paid_at is not null or cancelled_at is not null)
    ), known as (
        select member_id, count(*) as days
        from (select distinct member_id, {facts.DAY} as day from bought
              where paid_at is not null) as visited
        where exists (
            select from orders_order as older
            where older.member_id = visited.member_id and older.paid_at is not null
              and older.placed_at >= visited.day::timestamp at time zone 'Asia/Taipei'
              and older.placed_at
                  < (visited.day + 1)::timestamp at time zone 'Asia/Taipei'
              and older.id <> all(%(orders)s::bigint[]))
        group by member_id
    ), added as (
        select bought.member_id, {facts.TOTALS} from bought group by bought.member_id
    ), {postings.STORES.add_step("stores", "bought")}
    , {postings.CATEGORIES.add_step("categories", "bought")}
    insert into members_memberfacts as facts (member_id, {facts.NAMES})
    select added.member_id, {
    ", ".join(
        "shopping_days - coalesce(known.days, 0)"
        if name == "shopping_days"
        else f"added.{name}"
        for name in facts.COLUMNS
    )
}
    from added left join known on known.member_id = added.member_id
    order by added.member_id
    on conflict (member_id) do update
    set {
    ", ".join(f"{name} = {c.joined.format(name)}" for name, c in facts.COLUMNS.items())
}
    returning member_id
"""  # noqa: S608  (made of the product's own words)


def add(
    order_ids: Collection[int], *, members: Collection[int], now: datetime
) -> list[int]:
    """Add orders just written to facts, stores and categories; return whose changed.

    Leaves out whoever is not among `members`. To be called once for an order, with the
    members held (`locks.hold_members`).
    """
    if not order_ids or not members:
        return []
    told = {"orders": list(order_ids), "members": list(members)}
    is_small = len(order_ids) <= statements.FEW
    rows = statements.fetch(ADD, {**facts.windows(now), **told}, is_small=is_small)
    return [member for (member,) in rows]
