"""Keep `MemberStore` and `MemberCategory` true to the members' paid orders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Posting:
    """A table of postings and the statement that counts a group's orders."""

    table: str
    key: str
    counted: str  # member_id, the key, n, last_at and net, of the orders `bought`

    def over(self, bought: str) -> str:
        """Return the counts over some orders: the name of a table of them."""
        return self.counted.format(bought=bought)

    def add_step(self, name: str, bought: str) -> str:
        """Return the step of a statement that adds new orders."""
        return f"""{name} as (
            insert into {self.table} as posting (member_id, {self.key}, n, last_at, net)
            select member_id, {self.key}, n, last_at, net
            from ({self.over(bought)}) as added
            order by {self.key}, member_id
            on conflict ({self.key}, member_id) do update
            set n = posting.n + excluded.n, net = posting.net + excluded.net,
                last_at = greatest(posting.last_at, excluded.last_at)
        )"""  # noqa: S608  (made of this module's own words)

    @property
    def refresh(self) -> str:
        """Return the statement that counts members anew and writes what differs."""
        return f"""
            with counted as materialized ({self.over(OF_MEMBERS)}), gone as (
                delete from {self.table} as posting
                where member_id = any(%(members)s) and not exists (
                    select from counted where counted.member_id = posting.member_id
                      and counted.{self.key} = posting.{self.key})
            )
            insert into {self.table} as posting (member_id, {self.key}, n, last_at, net)
            select member_id, {self.key}, n, last_at, net from counted
            order by {self.key}, member_id
            on conflict ({self.key}, member_id) do update
            set n = excluded.n, last_at = excluded.last_at, net = excluded.net
            where (posting.n, posting.last_at, posting.net)
                  is distinct from (excluded.n, excluded.last_at, excluded.net)
        """  # noqa: S608

    @property
    def compare(self) -> str:
        """Return the statement that finds members whose rows are not as counted."""
        return f"""
            with counted as ({self.over(OF_MEMBERS)}), kept as (
                select member_id, {self.key}, n, last_at, net from {self.table}
                where member_id = any(%(members)s)
            )
            select member_id from (
                (select member_id, {self.key}, n, last_at, net from counted
                 except select * from kept)
                union all
                (select * from kept
                 except select member_id, {self.key}, n, last_at, net from counted)
            ) as differing
        """  # noqa: S608


# The orders of the members that are counted anew.
OF_MEMBERS = "(select * from orders_order where member_id = any(%(members)s))"
STORES = Posting(
    "orders_memberstore",
    "store_id",
    """
    select bought.member_id, bought.store_id, count(*) as n,
           max(bought.placed_at) as last_at, sum(bought.net - bought.refunded) as net
    from {bought} as bought
    where bought.paid_at is not null and bought.store_id is not null
    group by bought.member_id, bought.store_id
    """,
)
# Of each line counts what is left of it after its refunds.
CATEGORIES = Posting(
    "orders_membercategory",
    "category_id",
    """
    select bought.member_id, product.category_id, count(distinct bought.id) as n,
           max(bought.placed_at) as last_at,
           sum(line.net - coalesce(returned.amount, 0)) as net
    from {bought} as bought
    join orders_orderline as line on line.order_id = bought.id and line.quantity > 0
    join catalog_product as product on product.id = line.product_id
    left join (
        select part.line_id, sum(part.amount) as amount
        from {bought} as bought
        join orders_orderline as line on line.order_id = bought.id
        join orders_refundline as part on part.line_id = line.id
        group by part.line_id
    ) as returned on returned.line_id = line.id
    where bought.paid_at is not null
    group by bought.member_id, product.category_id
    """,
)
ALL = (STORES, CATEGORIES)


def refresh(member_ids: Collection[int]) -> None:
    """Count the members' orders anew."""
    if not member_ids:
        return
    with connection.cursor() as cursor:
        for posting in ALL:
            cursor.execute(posting.refresh, {"members": sorted(set(member_ids))})
