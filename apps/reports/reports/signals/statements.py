"""The statements that look for what a person at HQ should look at.

Each answers with one row a signal: what it is about, its weight, how many facts there
are, and the newest of them as JSON, with ids that are looked up by the caller.
"""

from __future__ import annotations

NEWEST = """
    to_jsonb((array_agg(jsonb_build_object({facts}) order by {at} desc))[1:20])
"""

# Orders of which a salesperson would have had the credit, had they not been the buyer.
SELF_ORDERS = f"""
    select staff_id, count(*), count(*),
           {NEWEST.format(facts="'order', order_id, 'at', at, 'why', why", at="at")}
    from (
        select distinct on (o.id, c.candidate ->> 'staff')
               (c.candidate ->> 'staff')::bigint as staff_id, o.id as order_id,
               o.placed_at as at, c.candidate ->> 'status' as why
        from orders_order o
        join orders_orderline l on l.order_id = o.id
        join attribution_decision d on d.line_id = l.id
             and d.superseded_at is null and d.is_self_purchase
        cross join lateral jsonb_array_elements(d.candidates) as c(candidate)
        where o.placed_at >= %(since)s and c.candidate ->> 'status' = any(%(self)s)
          and c.candidate ->> 'staff' is not null
    ) own
    group by staff_id having count(*) >= %(least)s
"""  # noqa: S608  (made here, of constants)

# Hours in which a link was opened oftener than people do.
BURSTS = """
    with hours as (
        select link_id, {visitor} as visitor, date_trunc('hour', at) as hour,
               count(*)::int as n, count(distinct visitor)::int as visitors,
               min(at) as first, max(at) as last
        from attribution_click where at >= %(since)s and {known}
        group by 1, 2, 3 having count(*) >= %(least)s
    )
    select link_id, sum(n)::int, count(*),
           to_jsonb((array_agg(jsonb_build_object(
               'at', first, 'until', last, 'clicks', n, 'visitors', visitors)
               order by hour desc))[1:20])
    from hours group by link_id
"""
BY_VISITOR = BURSTS.format(visitor="visitor", known="visitor <> ''")
BY_LINK = BURSTS.format(visitor="''", known="true")

# Members who scanned another salesperson's QR than the one they belonged to.
MOVES = """from (
        select member_id, staff_id, source, lower(period) as at,
               lag(staff_id) over (partition by member_id order by lower(period))
                   as before
        from members_binding
    ) moves
    where before <> staff_id and at >= %(since)s and source = any(%(by_qr)s)"""

# A member who went from one salesperson to another again and again.
REBOUND = f"""
    select member_id, count(*), count(*),
           {
    NEWEST.format(
        facts="'at', at, 'from', before, 'to', staff_id, 'source', source", at="at"
    )
}
    {MOVES}
    group by member_id having count(*) >= %(least)s
"""

# A salesperson to whom many customers of others came.
TAKEN_OVER = f"""
    select staff_id, count(*), count(*),
           {
    NEWEST.format(
        facts="'at', at, 'from', before, 'member', member_id, 'source', source", at="at"
    )
}
    {MOVES}
    group by staff_id having count(*) >= %(least)s
"""
