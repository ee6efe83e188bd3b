"""What must never be true of decisions and credits; each query returns no row."""

INVARIANTS = {
    "shares of a decision sum to the whole": """
        select d.id from attribution_decision d
        left join attribution_credit c on c.decision_id = d.id
        group by d.id having coalesce(sum(c.share), 0) <> 10000
    """,
    "a credit is superseded together with its decision": """
        select c.id from attribution_credit c
        join attribution_decision d on d.id = c.decision_id
        where c.superseded_at is distinct from d.superseded_at
    """,
    "the credits in force of a line sum to it": """
        select l.id from attribution_credit c
        join orders_orderline l on l.id = c.line_id
        join orders_order o on o.id = l.order_id
        join attribution_decision d on d.id = c.decision_id
        where c.superseded_at is null and o.credit_due_at is null
          and d.settled_at is null
        group by l.id, l.net having sum(c.amount) <> l.net
    """,
    "somebody stands behind every touch but a campaign's": """
        select id from attribution_touch
        where (staff_id is null) <> (kind = 'campaign_click')
    """,
    "every line of a credited order has a decision": """
        select l.id from orders_orderline l
        join orders_order o on o.id = l.order_id
        where o.credit_due_at is null and not exists (
            select 1 from attribution_decision d
            where d.line_id = l.id and d.superseded_at is null)
    """,
}
