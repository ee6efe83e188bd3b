"""What must always hold of coupons: each query returns no row."""

COUPONS = {
    "coupons: a coupon counts its live uses": """
        select c.id from loyalty_coupon as c
        left join loyalty_couponissue as i on i.coupon_id = c.id
        left join loyalty_couponuse as u on u.issue_id = i.id and u.state <> 'voided'
        group by c.id having count(u.id) <> c.used
    """,
    "coupons: a coupon counts what it issued": """
        select c.id from loyalty_coupon as c
        left join loyalty_couponissue as i on i.coupon_id = c.id and i.source <> 'test'
        group by c.id having count(i.id) <> c.issued
    """,
    "coupons: a coupon stays within its caps": """
        select id from loyalty_coupon where issued > most_issued or used > most_used
    """,
    "coupons: a copy is what its live use says": """
        select i.id from loyalty_couponissue as i
        left join loyalty_couponuse as u on u.issue_id = i.id and u.state <> 'voided'
        where i.state <> coalesce(u.state, case i.state when 'voided' then 'voided'
                                               else 'issued' end)
    """,
    "coupons: a copy has one live use": """
        select issue_id from loyalty_couponuse where state <> 'voided'
        group by issue_id having count(*) > 1
    """,
    "coupons: a campaign stays within its share": """
        select c.id from loyalty_coupon as c
        join loyalty_couponissue as i on i.coupon_id = c.id
        where c.most_per_campaign is not null and i.source_id <> ''
        group by c.id, i.source, i.source_id
        having count(*) > c.most_per_campaign
    """,
    "coupons: what was tried on a draft is gone once it is live": """
        select i.id from loyalty_couponissue as i
        join loyalty_coupon as c on c.id = i.coupon_id
        where i.source = 'test' and c.state <> 'draft'
    """,
    "coupons: a code that was handed out left the pack": """
        select p.id from loyalty_packcode as p
        join loyalty_couponissue as i on i.key = p.key
        where not p.is_taken or p.coupon_id <> i.coupon_id
    """,
}
