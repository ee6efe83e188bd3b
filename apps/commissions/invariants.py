"""What must never be true of the ledger; each query returns no row."""

INVARIANTS = {
    "a reversal takes back from the same person at the same rate": """
        select r.id from commissions_commissionentry r
        join commissions_commissionentry a on a.id = r.reverses_id
        where r.staff_id <> a.staff_id or r.rate <> a.rate or r.each <> a.each
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
        and e.kind <> 'goodwill'
        group by c.id having sum(e.amount) <> 0
    """,
    "the house bears no more of a refund than was taken back for it": """
        select e.credit_id from commissions_commissionentry e
        where e.refund_id is not null and exists (
            select 1 from commissions_commissionentry g
            where g.credit_id = e.credit_id and g.kind = 'goodwill')
        group by e.credit_id, e.refund_id
        having sum(e.amount) > 0
            or sum(e.amount) filter (where e.kind = 'goodwill') < 0
    """,
    "tiers never take, thresholds never give": """
        select min(e.id) from commissions_commissionentry e
        where e.kind in ('tier', 'threshold')
        group by e.staff_id, e.plan_id, e.for_month, e.kind
        having case when e.kind = 'tier' then sum(e.amount) < 0
                    else sum(e.amount) > 0 end
    """,
    "a member is recruited by whom they were bound to": """
        select e.id from commissions_commissionentry e
        where e.kind = 'recruit' and not exists (
            select 1 from members_binding b
            where b.member_id = e.member_id and b.staff_id = e.staff_id)
    """,
    "no entry came into a month after it was closed": """
        select m.id from commissions_closedmonth m
        left join commissions_commissionentry e on e.month = m.month
        group by m.id having count(e.id) <> m.entries
            or coalesce(sum(e.amount), 0) <> m.total
    """,
    "an approved settlement is the sum of its month": """
        select s.id from commissions_settlement s
        join commissions_closedmonth m on m.month = s.month
        where s.state <> 'draft' and (s.total <> m.total or s.entries <> m.entries)
    """,
    "an approved settlement is the sum of its lines": """
        select s.id from commissions_settlement s
        left join commissions_settlementline l on l.settlement_id = s.id
        where s.state <> 'draft'
        group by s.id having s.people <> count(l.id)
            or s.entries <> coalesce(sum(l.entries), 0)
            or s.total <> coalesce(sum(l.accrued + l.taken_back + l.extras), 0)
            or s.payout <> coalesce(sum(l.payout), 0)
    """,
    "an approved settlement has its month closed": """
        select s.id from commissions_settlement s
        where s.state <> 'draft' and not exists (
            select 1 from commissions_closedmonth m where m.month = s.month)
    """,
    "a ruled dispute has its ruling, no other has one": """
        select d.id from commissions_dispute d
        left join commissions_ruling r on r.dispute_id = d.id
        where (d.state = 'ruled') <> (r.id is not null)
    """,
    "a ruling that moved credit names the new decision": """
        select r.id from commissions_ruling r
        where (r.outcome = 'keep') <> (r.decision_id is null)
    """,
    "a ruling moves as much as was credited": """
        select r.id from commissions_ruling r
        join commissions_dispute d on d.id = r.dispute_id
        join attribution_credit c on c.decision_id = r.decision_id
        join lateral (
            select sum(o.amount) amount from attribution_credit o
            join attribution_decision was on was.id = o.decision_id
            where was.line_id = d.line_id and was.superseded_at = r.at
        ) before on true
        group by r.id, before.amount having sum(c.amount) <> before.amount
    """,
}
