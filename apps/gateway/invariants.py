"""What must always hold of the machine doors: each query returns no row."""

INVARIANTS = {
    "gateway: an event of an account is stored once": """
        select account_id, event_id from gateway_inboundevent
        group by account_id, event_id having count(*) > 1
    """,
    "gateway: an event that ended has its time, one that did not has none": """
        select id from gateway_inboundevent
        where (state in ('done', 'ignored')) and done_at is null
           or state = 'new' and done_at is not null
    """,
    "gateway: a dead event says why": """
        select id from gateway_inboundevent where state = 'dead' and error = ''
    """,
    "gateway: the event of an unsent message holds its words no more": """
        select e.id from gateway_inboundevent e
        join conversations_message m on m.event_ref = e.id
        where m.unsent_at is not null and e.state = 'done' and e.body <> '{}'::bytea
    """,
}
