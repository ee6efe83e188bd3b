"""Crediting orders anew beside hand-written LATERAL SQL that names the winner alone.

Both write a decision and a credit of every line into the same tables and take it back.
The floor knows links, chats, bonds and the till and nothing else: no reasons, no
candidates, no carts, no coupons, no self-purchase. Both sides must name the same
winners. The orders are the brand's last, the more the larger it is: one of 500, or
`BENCH_ORDERS` of them, 0 for all. `manage.py bench credit --members 100000` has a
million orders and five million touches.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from apps.attribution import services as attribution
from apps.attribution.services import policies
from apps.core import clock
from apps.orders.models import Order
from tests.bench import database
from tests.bench.harness import Row, compare

ORDERS = int(os.environ.get("BENCH_ORDERS", "-1"))
PART = 500
A_BATCH = 500
TOUCHES_A_MEMBER = 50

FLOOR = """
    with winners as (
    select l.id, o.placed_at, o.channel <> 'store' as is_online, l.net,
        case when o.channel = 'store' and o.seller_id is not null then 'pos_seller'
            when link.staff_id is not null then 'link'
            when chat.staff_id is not null then 'chat'
            when bond.staff_id is not null then 'binding' else 'house' end as basis,
        case when o.channel = 'store' and o.seller_id is not null then o.seller_id
            else coalesce(link.staff_id, chat.staff_id, bond.staff_id) end as staff,
        case when o.channel = 'store' and o.seller_id is not null then o.store_id
            when link.staff_id is not null then link.store_id
            when chat.staff_id is not null then chat.store_id
            when bond.staff_id is not null then bond.store_id
            else o.store_id end as store
    from orders_order o
    join orders_orderline l on l.order_id = o.id
    left join lateral (
        select t.staff_id, t.store_id from attribution_touch t
        where t.member_id = o.member_id and t.kind = 'link_click'
          and t.at < o.placed_at and t.at > o.placed_at - interval '720 hours'
        order by coalesce(t.product_id = l.product_id, false) desc,
            date_trunc('second', t.at) desc, t.id limit 1
    ) link on true
    left join lateral (
        select t.staff_id, t.store_id from attribution_touch t
        where t.member_id = o.member_id and t.kind = 'chat_reply'
          and t.at < o.placed_at and t.at > o.placed_at - interval '168 hours'
        order by date_trunc('second', t.at) desc, t.id limit 1
    ) chat on true
    left join lateral (
        select b.staff_id, b.store_id from members_binding b
        where b.member_id = o.member_id and b.period @> o.placed_at
        order by lower(b.period) desc, b.id limit 1
    ) bond on true
    where o.id = any(%(ids)s)
    ), won as (
        select nextval(pg_get_serial_sequence('attribution_decision', 'id')) as pk, w.*
        from winners w
    ), decided as (
        insert into attribution_decision (id, line_id, policy_id, basis, candidates,
            people, is_self_purchase, decided_at)
        select pk, id, %(policy)s, basis, '[]', '{}', false, now() from won
    )
    insert into attribution_credit (decision_id, line_id, staff_id, store_id, share,
        amount, placed_at, is_online, accrual_due_at)
    select pk, id, staff, store, 10000, net, placed_at, is_online,
        case when staff is not null then now() end from won
"""
CREDITED = """
    select c.line_id, d.basis, c.staff_id, c.store_id
    from attribution_credit c join attribution_decision d on d.id = c.decision_id
    join orders_orderline l on l.id = c.line_id
    where l.order_id = any(%(ids)s) order by 1
"""


def run(members: int, pairs: int = 7) -> list[Row]:
    """Return what crediting costs over naming the winners, both of them written."""
    brand = database.fill(members, touches=TOUCHES_A_MEMBER)
    count = brand.orders // PART if ORDERS < 0 else ORDERS
    latest = Order.objects.filter(source=database.SOURCE).order_by("-placed_at", "-pk")
    ids = sorted(latest.values_list("pk", flat=True)[: count or None])
    policy = policies.versions()[-1].id
    batches = [ids[at : at + A_BATCH] for at in range(0, len(ids), A_BATCH)]

    def work() -> None:
        for batch in batches:
            attribution.credit(batch, now=clock.now())

    def floor() -> None:
        for batch in batches:
            _execute(FLOOR, {"ids": batch, "policy": policy})

    assert _taken_back(work, ids[:A_BATCH]) == _taken_back(floor, ids[:A_BATCH])
    row = compare(
        "credit",
        lambda: _taken_back(work),
        lambda: _taken_back(floor),
        target="<= 3",
        pairs=pairs,
    )
    return [row]


def _taken_back(work: Callable[[], None], ids: list[int] | None = None) -> Any:
    """Do the work and undo it; return who was credited by it, where asked."""
    with transaction.atomic():
        work()
        found = _execute(CREDITED, {"ids": ids}) if ids else None
        _execute("set constraints all immediate", {})
        transaction.set_rollback(True)
    return found


def _execute(sql: str, facts: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return cursor.fetchall() if cursor.description else None
