"""What must always hold of the record: each query returns no row."""

INVARIANTS = {
    "audit: each seal continues the one before": """
        select id from (
            select id, previous, lag(digest) over (order by id) as expected
            from audit_auditseal
        ) as chain
        where previous is distinct from
              coalesce(expected, decode(repeat('00', 32), 'hex'))
    """,
    "audit: the sealed entries are as many as the seals say": """
        select 1
        where (select coalesce(sum(entries), 0) from audit_auditseal) <>
              (select count(*) from audit_auditentry where transaction <= coalesce(
                  (select max(last_transaction) from audit_auditseal), 0))
    """,
}
