"""What must always hold of points: each query returns no row."""

POINTS = {
    "points: an account is the sum of its entries": """
        select account.member_id
        from loyalty_pointaccount as account
        left join loyalty_pointentry as entry on entry.member_id = account.member_id
        group by account.member_id
        having account.balance <> coalesce(sum(entry.points), 0)
            or account.pending <> coalesce(sum(entry.pending), 0)
            or account.debt <> coalesce(sum(entry.debt), 0)
    """,
    "points: an account is what its last entry came to": """
        select account.member_id
        from loyalty_pointaccount as account
        cross join lateral (
            select balance_after, pending_after, debt_after
            from loyalty_pointentry as entry
            where entry.member_id = account.member_id
            order by entry.id desc limit 1
        ) as last
        where (account.balance, account.pending, account.debt)
              <> (last.balance_after, last.pending_after, last.debt_after)
    """,
    "points: an account is the sum of its open lots": """
        select account.member_id
        from loyalty_pointaccount as account
        left join loyalty_pointlot as lot
               on lot.member_id = account.member_id and lot.remaining > 0
        group by account.member_id
        having account.balance <> coalesce(
                   sum(lot.remaining) filter (where lot.is_released), 0)
            or account.pending <> coalesce(
                   sum(lot.remaining) filter (where not lot.is_released), 0)
    """,
    "points: a lot is what it was given less what was used": """
        select lot.id
        from loyalty_pointlot as lot
        left join loyalty_pointuse as used on used.lot_id = lot.id
        group by lot.id
        having lot.points - coalesce(sum(used.points), 0) <> lot.remaining
    """,
    "points: nobody owes who has points of use": """
        select account.member_id
        from loyalty_pointaccount as account
        where account.debt > 0 and exists (
            select 1 from loyalty_pointlot as lot
            where lot.member_id = account.member_id and lot.remaining > 0
              and lot.is_released
              and (lot.expires_at is null or lot.expires_at > now()))
    """,
    "points: a reversal is not beyond the worth of its entry": """
        select entry.id
        from loyalty_pointentry as entry
        join loyalty_pointentry as original on original.id = entry.reverses_id
        left join loyalty_pointlot as lot on lot.entry_id = original.id
        where coalesce(lot.member_id, original.member_id) <> entry.member_id
           or abs(entry.points + entry.pending - entry.debt)
              > abs(original.points + original.pending - original.debt)
    """,
}
