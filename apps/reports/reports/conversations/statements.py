"""The statements behind the report of sales by conversation.

Each reads one kind of fact, once, as rows of person, store and day (Asia/Taipei), and
adds them up by the report's key and in total.
"""

from __future__ import annotations

# Weeks run from Sunday to Saturday.
KEYS = {
    "person": "coalesce(f.staff_id, 0)",
    "store": "coalesce(f.store_id, 0)",
    "day": "f.day",
    "week": "f.day - extract(dow from f.day)::int",
    "month": "date_trunc('month', f.day)::date",
}

IN_SCOPE = """
    (%(stores)s::bigint[] is null or coalesce(f.store_id, 0) = any(%(stores)s))
    and (%(person)s::bigint is null or coalesce(f.staff_id, 0) = %(person)s)
"""


def _day(column: str) -> str:
    return f"({column} at time zone 'Asia/Taipei')::date as day"


def _within(column: str) -> str:
    return f"{column} >= %(from)s and {column} < %(until)s"


BINDINGS = f"""
    select key, grouping(key) = 1, source, count(*)
    from (
        select {{key}} as key, f.source from (
            select b.staff_id, b.store_id, b.source, {_day("lower(b.period)")}
            from members_binding b where {_within("lower(b.period)")}
        ) f where {IN_SCOPE}
    ) keyed
    group by grouping sets ((key, source), (source))
"""  # noqa: S608  (made here, of constants)

MESSAGES = f"""
    select key, grouping(key) = 1, count(*),
           count(*) filter (where kind = 'push' and state = 'accepted')
    from (
        select {{key}} as key, f.kind, f.state from (
            select m.staff_id, c.store_id, d.kind, d.state, {_day("m.at")}
            from conversations_conversation c
            join conversations_message m on m.conversation_id = c.id
            left join messaging_delivery d on d.id = m.delivery_id
            where c.last_message_at >= %(from)s and m.direction = 'out'
              and m.staff_id is not null and {_within("m.at")}
        ) f where {IN_SCOPE}
    ) keyed
    group by grouping sets ((key), ())
"""  # noqa: S608

LINKS = f"""
    select key, grouping(key) = 1, count(*), count(clicked_at)
    from (
        select {{key}} as key, f.clicked_at from (
            select l.staff_id, l.store_id, l.clicked_at, {_day("l.sent_at")}
            from attribution_promolink l where {_within("l.sent_at")}
        ) f where {IN_SCOPE}
    ) keyed
    group by grouping sets ((key), ())
"""  # noqa: S608

CLICKS = f"""
    select key, grouping(key) = 1, count(*)
    from (
        select {{key}} as key from (
            select l.staff_id, l.store_id, {_day("c.at")}
            from attribution_click c join attribution_promolink l on l.id = c.link_id
            where {_within("c.at")}
        ) f where {IN_SCOPE}
    ) keyed
    group by grouping sets ((key), ())
"""  # noqa: S608

# The credits in force with what was given back of each, as `DailySales` counts them.
CREDITED = f"""
    select o.id as order_id, c.staff_id, coalesce(c.store_id, o.store_id) as store_id,
           c.is_online, d.basis, c.amount,
           round(coalesce(r.amount, 0) * c.share / 10000.0)::bigint as back,
           {_day("o.placed_at")}
    from orders_order o
    join orders_orderline l on l.order_id = o.id
    join attribution_decision d on d.line_id = l.id and d.superseded_at is null
    join attribution_credit c on c.decision_id = d.id
    left join lateral (
        select sum(p.amount) as amount from orders_refundline p
        where o.refunded > 0 and p.line_id = l.id
    ) r on true
    where {_within("o.placed_at")}
"""  # noqa: S608

CREDITS = f"""
    select key, grouping(key) = 1, is_online, count(distinct order_id),
           count(distinct order_id) filter (where basis = 'link'),
           sum(amount), sum(back)
    from (
        select {{key}} as key, f.* from ({CREDITED}) f where {IN_SCOPE}
    ) keyed
    group by grouping sets ((key, is_online), (is_online))
"""  # noqa: S608

BRAND = f"""
    select count(distinct order_id), coalesce(sum(amount - back), 0)
    from ({CREDITED}) f where is_online
"""  # noqa: S608

# An order counts once for everybody who touched its buyer in the days before.
INFLUENCED = f"""
    select o.id as order_id, o.net - o.refunded as net, t.staff_id, t.store_id,
           {_day("o.placed_at")}
    from orders_order o
    join attribution_touch t
      on t.member_id = o.member_id and t.at <= o.placed_at
     and t.at > o.placed_at - make_interval(days => %(influence)s)
    where o.channel <> 'store' and {_within("o.placed_at")}
"""  # noqa: S608

INFLUENCE = f"""
    with keyed as materialized (
        select distinct {{key}} as key, f.order_id, f.net from ({INFLUENCED}) f
        where {IN_SCOPE}
    )
    select key, false, count(*), sum(net) from keyed group by key
    union all
    select null, true, count(*), coalesce(sum(net), 0)
    from (select distinct order_id, net from keyed) each
"""  # noqa: S608

PENDING = f"""
    select count(*) from orders_order o
    where o.credit_due_at is not null and {_within("o.placed_at")}
"""  # noqa: S608

# From the last click on the link an order came by to the order, in minutes.
CONSIDERED = f"""
    select extract(epoch from o.placed_at - click.at) / 60 as minutes
    from orders_order o
    join lateral (
        select l.id, l.staff_id, l.store_id from attribution_promolink l
        where l.code = o.reference
    ) f on true
    join lateral (
        select c.at from attribution_click c
        where c.link_id = f.id and c.at <= o.placed_at order by c.at desc limit 1
    ) click on true
    where o.reference <> '' and {_within("o.placed_at")} and {IN_SCOPE}
"""  # noqa: S608

CONSIDERATION = f"""
    with considered as materialized ({CONSIDERED})
    select count(*)::int,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by minutes),
           (select array_agg(n order by place) from (
               select place, count(minutes)::int as n
               from generate_series(0, cardinality(%(edges)s::float8[])) place
               left join considered
                 on width_bucket(minutes::float8, %(edges)s::float8[]) = place
               group by place) bars)
    from considered
"""  # noqa: S608
