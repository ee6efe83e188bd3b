"""One order at a time with all that follows, beside its bare inserts and a commit.

The bare inserts are every row that the call leaves by its contract, written by somebody
who knows them all beforehand: the order and its lines, the member's facts, a row for
each category bought from, the entry of points with its lot (the ledger's trigger moves
the account) and the doorbell that has the order credited. Nobody who wants the same
outcome writes less. What the product adds is finding it all out: whose order it is,
whether it is new, what its lines are worth, which rules are in force, who moves up, and
the locks under which that stays true. `ingest_one, order alone` has the order and its
lines as its floor: it is told, for it is what a shop without members would pay.

Both sides are counted: each call adds the same to the same rows. The call is
`orders.record`, what `POST /api/v1/orders` does with what it has read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count, pairwise
from typing import Any

from django.db import connection, transaction

from apps.orders import services as orders
from tests.bench import batches, database, loading
from tests.bench.database import CATEGORIES
from tests.bench.harness import Row, compare

SOURCE, BARE = "bench-one", "bench-bare"
A_CALL = 25

INSERT = {
    table: f"insert into {table} ({', '.join(columns)})"  # noqa: S608  (our own names)
    f" values ({', '.join(['%s'] * len(columns))})"
    for table, columns in batches.COLUMNS.items()
}
FACTS = """
    update members_memberfacts
    set orders = orders + 1, orders_30d = orders_30d + 1, orders_90d = orders_90d + 1,
        orders_12m = orders_12m + 1, orders_web = orders_web + 1,
        spend = spend + %(net)s, spend_30d = spend_30d + %(net)s,
        spend_90d = spend_90d + %(net)s, spend_12m = spend_12m + %(net)s,
        goods = goods + %(net)s, largest_order = greatest(largest_order, %(net)s),
        last_order_at = greatest(last_order_at, %(at)s)
    where member_id = %(member)s
"""
CATEGORY = """
    insert into orders_membercategory as kept (member_id, category_id, n, last_at, net)
    values (%(member)s, %(category)s, 1, %(at)s, %(net)s)
    on conflict (category_id, member_id) do update
    set n = kept.n + 1, net = kept.net + excluded.net,
        last_at = greatest(kept.last_at, excluded.last_at)
"""
ENTRY = """
    insert into loyalty_pointentry (member_id, kind, points, pending, debt,
        balance_after, pending_after, debt_after, source_type, source_id, reason, at)
    values (%(member)s, 'earn', %(points)s, 0, 0, 0, 0, 0, 'order', %(order)s::text,
        '', %(now)s)
    returning id
"""
LOT = """
    insert into loyalty_pointlot (member_id, entry_id, order_id, round, rule_id,
        multiplier, computed, points, remaining, earned_at, available_at, is_released)
    values (%(member)s, %(entry)s, %(order)s, 1, %(rule)s, 10000, %(points)s,
        %(points)s, %(points)s, %(at)s, %(at)s, true)
"""
NUDGE = """
    insert into django_q_ormq (key, payload, lock)
    values ('bench', %(payload)s, %(now)s)
"""
KEPT = """
    select (select count(*) from orders_order where member_id = %(member)s),
           (select count(*) from orders_orderline as line
            join orders_order as o on o.id = line.order_id
            where o.member_id = %(member)s),
           (select sum(orders + orders_30d + orders_12m + orders_web)
            from members_memberfacts where member_id = %(member)s),
           (select sum(spend + spend_30d + spend_90d + spend_12m + goods)
            from members_memberfacts where member_id = %(member)s),
           (select sum(n) from orders_membercategory where member_id = %(member)s),
           (select sum(net) from orders_membercategory where member_id = %(member)s),
           (select sum(balance) from loyalty_pointaccount
            where member_id = %(member)s),
           (select count(*) from loyalty_pointentry where member_id = %(member)s),
           (select sum(remaining) from loyalty_pointlot
            where member_id = %(member)s),
           (select count(*) from django_q_ormq)
"""
TIDY = """
    set local session_replication_role = replica;
    delete from loyalty_pointlot using orders_order as o
    where o.id = order_id and o.source in ('bench-one', 'bench-bare');
    delete from loyalty_pointentry as entry where member_id = {member} and not exists (
        select from loyalty_pointlot where entry_id = entry.id);
    update loyalty_pointaccount set balance = coalesce((
        select sum(points) from loyalty_pointentry
        where member_id = {member}), 0) where member_id = {member};
    delete from orders_orderline using orders_order as o
    where o.id = order_id and o.source in ('bench-one', 'bench-bare');
    delete from orders_order where source in ('bench-one', 'bench-bare');
    truncate django_q_ormq;
"""


class Floor:
    """Writes the rows of one order after another, all of them known beforehand."""

    def __init__(self, like: orders.OrderIn, rule: int) -> None:
        """Work out what is the same for every order like this one."""
        rows = batches.rows_of([replace(like, source=BARE)])
        (self.sold,), self.lines = rows["orders_order"], rows["orders_orderline"]
        self.categories: Counter[int] = Counter()
        for line in like.lines:
            self.categories[1 + int(line.sku[2:]) % CATEGORIES] += line.cost
        net = sum(self.categories.values())
        self.facts: dict[str, Any] = {
            "member": batches.member_of(like),
            "rule": rule,
            "net": net,
            "points": net // batches.SPEND_PER_POINT,
            "at": like.placed_at,
            "now": database.NOW,
            "payload": "x" * 200,
        }

    def write(self, number: int, *, order_alone: bool) -> None:
        """Insert one order's rows and commit."""
        pk = self.sold[0] + number
        with transaction.atomic(), connection.cursor() as cursor:
            sold = [pk, self.sold[1], str(number), *self.sold[3:]]
            cursor.execute(INSERT["orders_order"], sold)
            for line in self.lines:
                cursor.execute(INSERT["orders_orderline"], [pk, *line[1:]])
            if order_alone:
                return
            cursor.execute(FACTS, self.facts)
            for category, net in self.categories.items():
                told = {**self.facts, "category": category, "net": net}
                cursor.execute(CATEGORY, told)
            cursor.execute(ENTRY, {**self.facts, "order": pk})
            (entry,) = cursor.fetchone() or (0,)
            cursor.execute(LOT, {**self.facts, "order": pk, "entry": entry})
            cursor.execute(NUDGE, self.facts)


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return how long an order takes over its inserts: all of them, and its own."""
    database.fill(members)
    numbers = count(1)
    like = batches.batch(SOURCE, members, count=1)[0]
    floor = Floor(like, batches.rule())
    member = {"member": batches.member_of(like)}

    def work(calls: int = A_CALL) -> None:
        for _time in range(calls):
            order = replace(like, external_id=str(next(numbers)))
            (answer,) = orders.record([order], now=database.NOW)
            assert answer.status == "new"

    def bare(calls: int = A_CALL, *, order_alone: bool = False) -> None:
        for _time in range(calls):
            floor.write(next(numbers), order_alone=order_alone)

    def kept() -> list[int]:
        (row,) = loading.execute(KEPT, member)
        return [int(str(each or 0)) for each in row]

    try:
        work(1)  # opens what a first purchase opens
        states = [kept()]
        for once in (work, bare):
            once(1)
            states.append(kept())
        steps = [
            [b - a for a, b in zip(before, after, strict=True)]
            for before, after in pairwise(states)
        ]
        assert steps[0] == steps[1], f"the two sides leave different rows: {steps}"
        return [
            compare("ingest_one", work, bare, target="<= 6", pairs=pairs),
            compare(
                "ingest_one, order alone",
                work,
                lambda: bare(order_alone=True),
                target="told",
                pairs=pairs,
            ),
        ]
    finally:
        with transaction.atomic():
            loading.execute(TIDY.format(**member))
            orders.refresh_members([member["member"]], now=database.NOW)
