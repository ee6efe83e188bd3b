"""What must never be true of the outbox: each query returns no row."""

INVARIANTS = {
    "a settled delivery has its time, a live one has none": """
        select id, state from messaging_delivery
        where (settled_at is null) <>
              (state in ('queued', 'sending', 'quota_hold', 'channel_hold'))
    """,
    "only what is being sent is leased": """
        select id, state from messaging_delivery
        where (leased_until is null) <> (state <> 'sending')
    """,
    "every attempt was counted before it was made": """
        select d.id, d.attempts, count(a.id)
        from messaging_delivery d
        left join messaging_attempt a on a.delivery_id = d.id
        group by d.id having d.attempts <> count(a.id)
    """,
    "nothing is unknown without an attempt": """
        select id from messaging_delivery
        where state = 'unknown' and (attempts = 0 or not was_ambiguous)
    """,
    "nothing is skipped that may have been sent": """
        select id from messaging_delivery where state = 'skipped' and was_ambiguous
    """,
    "one channel message is one delivery's": """
        select d.account_id, external.id, count(*)
        from messaging_delivery d,
             jsonb_array_elements_text(d.external_ids) as external(id)
        group by d.account_id, external.id having count(*) > 1
    """,
    "nobody has two messages in flight": """
        select account_id, "to" from messaging_delivery
        where state = 'sending' group by account_id, "to" having count(*) > 1
    """,
}
