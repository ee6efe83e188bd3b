"""What must never be true of the ledger; each query returns no row."""

INVARIANTS = {
    "a reversal takes back from the same person at the same rate": """
        select r.id from commissions_commissionentry r
        join commissions_commissionentry a on a.id = r.reverses_id
        where r.staff_id <> a.staff_id or r.rate <> a.rate
           or r.credit_id <> a.credit_id or a.kind <> 'accrual'
    """,
    "reversals stay within their accrual": """
        select a.id from commissions_commissionentry a
        join commissions_commissionentry r on r.reverses_id = a.id
        group by a.id, a.amount, a.base
        having a.amount + sum(r.amount) < 0 or a.base + sum(r.base) < 0
    """,
    "a superseded credit pays nothing": """
        select c.id from attribution_credit c
        join commissions_commissionentry e on e.credit_id = c.id
        where c.superseded_at is not null and c.accrual_due_at is null
        group by c.id having sum(e.amount) <> 0
    """,
    "a full refund takes back exactly what was given": """
        select c.id from attribution_credit c
        join orders_orderline l on l.id = c.line_id
        join commissions_commissionentry e on e.credit_id = c.id
        where c.superseded_at is null and c.amount = l.net and l.net = (
            select coalesce(sum(p.amount), 0) from orders_refundline p
            join orders_refund f on f.id = p.refund_id
            where p.line_id = l.id and f.reversal_due_at is null)
        group by c.id having sum(e.amount) <> 0
    """,
    "no entry came into a month after it was closed": """
        select m.id from commissions_closedmonth m
        left join commissions_commissionentry e on e.month = m.month
        group by m.id having count(e.id) <> m.entries
            or coalesce(sum(e.amount), 0) <> m.total
    """,
}
