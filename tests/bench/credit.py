"""Crediting a period anew beside hand-written LATERAL SQL that names the winner alone.

Both write a decision and a credit of every line into the same tables and take it back.
The floor knows the default ladder and nothing else: no reasons, no candidates, no
self-purchase. Both sides must name the same winners.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.attribution import services as attribution
from apps.attribution.services import policies
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from tests import make
from tests.bench.harness import Row, compare

# Orders of the period; 1,000,000 is the size of the house's promise.
ORDERS = int(os.environ.get("BENCH_ORDERS", "4000"))
A_BATCH = 500
TOUCHES_A_MEMBER, LINES = 20, 2
SINCE = datetime(2026, 3, 1, tzinfo=clock.TAIPEI)
DAYS = 90
SOURCE = f"bench-{ORDERS}"  # the database is kept: another size, other rows

ORDERS_SQL = """
    insert into orders_order (source, external_id, channel, store_id, member_id,
        seller_id, placed_at, goods, discount, shipping, net, refunded, reference,
        digest, received_at)
    select %(source)s, n::text, case when n %% 3 = 0 then 'store' else 'web' end,
        case when n %% 3 = 0 then %(store)s end,
        (%(members)s)[1 + n %% array_length(%(members)s, 1)],
        case when n %% 6 = 0 then (%(staff)s)[1 + n %% array_length(%(staff)s, 1)] end,
        %(since)s + (n %% 7776) * interval '1000 seconds' + interval '1 day',
        2000, 0, 0, 2000, 0, '', '', now()
    from generate_series(1, %(orders)s) n
"""
LINES_SQL = """
    insert into orders_orderline (order_id, external_id, position, sku, name,
        product_id, quantity, unit_price, discount, net)
    select o.id, k::text, k, 'x', 'x',
        (%(products)s)[1 + (o.id + k) %% array_length(%(products)s, 1)],
        1, 1000, 0, 1000
    from orders_order o cross join generate_series(1, %(lines)s) k
    where o.source = %(source)s
"""
TOUCHES_SQL = """
    insert into attribution_touch (kind, member_id, staff_id, store_id, product_id, at,
        evidence_type, evidence_id)
    select (array['link_click', 'chat_reply', 'link_sent'])[1 + (m * 7 + k) %% 3], m,
        (%(staff)s)[1 + (m * 5 + k) %% array_length(%(staff)s, 1)], %(store)s,
        case when k %% 2 = 0 then
            (%(products)s)[1 + (m + k) %% array_length(%(products)s, 1)] end,
        %(since)s + ((m * 37 + k * 4801) %% 95000) * interval '82 seconds',
        'bench', m || '-' || k
    from unnest(%(members)s) m cross join generate_series(1, %(touches)s) k
"""
BINDINGS_SQL = """
    insert into members_binding (member_id, staff_id, store_id, period, source,
        created_at)
    select m, (%(staff)s)[1 + m %% array_length(%(staff)s, 1)], %(store)s,
        tstzrange(%(since)s, null), 'login', now()
    from unnest(%(members)s) m where m %% 2 = 0
"""
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


def run(pairs: int = 7) -> list[Row]:
    """Return what crediting costs over naming the winners, both of them written."""
    _fill()
    ids = list(
        Order.objects.filter(source=SOURCE).order_by("pk").values_list("pk", flat=True)
    )
    policy = policies.versions()[-1].id
    batches = [ids[at : at + A_BATCH] for at in range(0, len(ids), A_BATCH)]

    def work() -> None:
        for batch in batches:
            attribution.credit(batch, now=clock.now())

    def floor() -> None:
        for batch in batches:
            _execute(FLOOR, {"ids": batch, "policy": policy})

    assert _taken_back(work, ids) == _taken_back(floor, ids)
    row = compare(
        f"credit, {len(ids)} orders",
        lambda: _taken_back(work),
        lambda: _taken_back(floor),
        target="<= 3",
        pairs=pairs,
    )
    return [row]


def _fill() -> None:
    """Make the period's rows, once for each size."""
    if Order.objects.filter(source=SOURCE).exists():
        return
    with transaction.atomic():
        facts = _cast()
        for sql in (ORDERS_SQL, LINES_SQL, TOUCHES_SQL, BINDINGS_SQL):
            _execute(sql, facts)
    _execute("analyze", {})


def _cast() -> dict[str, Any]:
    """Make the people and the goods; return all that the rows are made from."""
    now, store = clock.now(), make.store(code=SOURCE)
    members = Member.objects.bulk_create(
        [Member(name=f"b{n}", created_at=now) for n in range(max(1, ORDERS // 4))],
        batch_size=5_000,
    )
    staff = [make.staff(f"店員{n}", at=store, code=f"{SOURCE}-{n}") for n in range(20)]
    return {
        "source": SOURCE,
        "orders": ORDERS,
        "lines": LINES,
        "touches": TOUCHES_A_MEMBER,
        "since": SINCE,
        "store": store.pk,
        "members": [member.pk for member in members],
        "staff": [person.pk for person in staff],
        "products": [make.product(f"bench-{n}").pk for n in range(12)],
    }


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
