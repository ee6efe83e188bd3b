"""The statements that fill the rollups. Days are those of Asia/Taipei."""

# The net of a credit is its amount less its share of what was refunded of its line.
SALES = """
    insert into reports_dailysales
        (day, store_id, channel, basis, staff_id, orders, net)
    select day, store_id, channel, basis, staff_id, count(distinct order_id), sum(net)
    from (
        select days.day, o.id as order_id, o.channel, d.basis, c.staff_id,
               coalesce(c.store_id, o.store_id) as store_id,
               c.amount - round(coalesce(r.amount, 0) * c.share / 10000.0) as net
        from unnest(%(days)s::date[]) as days(day)
        join orders_order o
          on o.placed_at >= days.day::timestamp at time zone 'Asia/Taipei'
         and o.placed_at < (days.day + 1)::timestamp at time zone 'Asia/Taipei'
        join orders_orderline l on l.order_id = o.id
        join attribution_decision d on d.line_id = l.id and d.superseded_at is null
        join attribution_credit c on c.decision_id = d.id
        left join lateral (
            select sum(p.amount) as amount from orders_refundline p
            where o.refunded > 0 and p.line_id = l.id
        ) r on true
    ) sold
    group by day, store_id, channel, basis, staff_id
"""

DIRTY = """
    select distinct (o.placed_at at time zone 'Asia/Taipei')::date
    from orders_order o
    where o.id in (
        select l.order_id from attribution_decision d
        join orders_orderline l on l.id = d.line_id
        where d.decided_at >= %(since)s
        union
        select order_id from orders_refund where received_at >= %(since)s)
"""

# A member counts as a buyer from a purchase until the next one or 90 days later, and
# as a repeater while the purchase before the latest one is younger than 90 days: sums
# of comings and goings, not a look at every member for every day.
MEMBERS = """
    with bought as (
        select distinct member_id, (placed_at at time zone 'Asia/Taipei')::date as day
        from orders_order
        where member_id is not null and placed_at >= %(from)s and placed_at < %(until)s
    ), spans as (
        select day,
               least(lead(day) over own, day + 90) as ends,
               case when lag(day) over own is not null
                    then least(lead(day) over own, lag(day) over own + 90)
               end as repeats_until
        from bought window own as (partition by member_id order by day)
    ), moves as (
        select day, 1 as buyers, 0 as repeaters, 0 as members, 0 as bound from spans
        union all select ends, -1, 0, 0, 0 from spans
        union all select day, 0, 1, 0, 0 from spans where repeats_until > day
        union all select repeats_until, 0, -1, 0, 0 from spans where repeats_until > day
        union all
        select greatest((created_at at time zone 'Asia/Taipei')::date, %(first)s),
               0, 0, 1, 0
        from members_member where created_at < %(until)s
        union all
        select greatest((lower(period) at time zone 'Asia/Taipei')::date, %(first)s),
               0, 0, 0, 1
        from members_binding where lower(period) < %(until)s
        union all
        select greatest((upper(period) at time zone 'Asia/Taipei')::date, %(first)s),
               0, 0, 0, -1
        from members_binding where upper(period) < %(until)s
    ), sums as (
        select greatest(day, %(first)s) as day, sum(members) as members,
               sum(bound) as bound, sum(buyers) as buyers, sum(repeaters) as repeaters
        from moves where day <= %(last)s group by 1
    ), days as (
        select generate_series(%(first)s::date, %(last)s::date, '1 day')::date as day
    )
    insert into reports_dailymembers (day, members, bound, buyers, repeaters)
    select day,
           sum(coalesce(members, 0)) over (order by day),
           sum(coalesce(bound, 0)) over (order by day),
           sum(coalesce(buyers, 0)) over (order by day),
           sum(coalesce(repeaters, 0)) over (order by day)
    from days left join sums using (day)
"""

# A wait begins with the first message of a customer after one that a person of ours
# wrote, and ends with the next such one; what a machine says ends no wait.
WAITS = """
    insert into reports_replywait
        (conversation_id, store_id, staff_id, asked_at, seconds)
    select asked.conversation_id, c.store_id, answer.staff_id, asked.at,
           greatest(0, extract(epoch from answer.at - asked.at))::int
    from conversations_conversation c
    join lateral (
        select m.conversation_id, m.id, m.at, m.direction,
               lag(m.direction) over (order by m.at, m.id) as before
        from conversations_message m
        where m.conversation_id = c.id
          and (m.direction = 'in' or m.direction = 'out' and m.staff_id is not null)
          and m.at >= %(from)s - interval '7 days' and m.at < %(until)s
    ) asked on asked.direction = 'in' and asked.before is distinct from 'in'
           and asked.at >= %(from)s
    join lateral (
        select m.at, m.staff_id from conversations_message m
        where m.conversation_id = c.id and m.direction = 'out'
          and m.staff_id is not null and (m.at, m.id) > (asked.at, asked.id)
        order by m.at, m.id limit 1
    ) answer on true
    where c.last_message_at >= %(from)s
    on conflict do nothing
"""
