"""Whom each person won for the brand, by day: members, friends, app users, bonds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.core import clock

# What happened to a member is whose they were bound to by the end of that day; where
# nobody was, a new member is the store's where they joined.
RECRUITS = """
    with fact as (
        select 'members' as kind, m.id as member_id, m.registered_at as at,
               m.home_store_id
        from members_member m
        where m.registered_at >= %(since)s and m.registered_at < %(until)s
          and m.merged_into_id is null
        union all
        select case i.kind when 'line' then 'friends' else 'apps' end, i.member_id,
               case i.kind when 'line' then i.followed_at else i.created_at end, null
        from members_identity i
        where i.kind = 'line'
          and i.followed_at >= %(since)s and i.followed_at < %(until)s
           or i.kind = 'app'
          and i.created_at >= %(since)s and i.created_at < %(until)s
    ), won as (
        select fact.kind, (fact.at at time zone 'Asia/Taipei')::date as day,
               coalesce(bond.store_id, fact.home_store_id) as store_id, bond.staff_id
        from fact
        left join lateral (
            select b.store_id, b.staff_id from members_binding b
            where b.member_id = fact.member_id and b.period && tstzrange(fact.at,
                ((fact.at at time zone 'Asia/Taipei')::date + 1)
                    ::timestamp at time zone 'Asia/Taipei')
            order by lower(b.period) limit 1
        ) as bond on true
        union all
        select case when exists (
                   select 1 from members_binding e where e.member_id = b.member_id
                     and lower(e.period) < lower(b.period)
               ) then 'rebinds' else 'bindings' end,
               (lower(b.period) at time zone 'Asia/Taipei')::date,
               b.store_id, b.staff_id
        from members_binding b
        where lower(b.period) >= %(since)s and lower(b.period) < %(until)s
    )
    select day, store_id, staff_id,
           count(*) filter (where kind = 'members'),
           count(*) filter (where kind = 'friends'),
           count(*) filter (where kind = 'apps'),
           count(*) filter (where kind = 'bindings'),
           count(*) filter (where kind = 'rebinds')
    from won
    where (%(store)s::bigint is null or store_id = %(store)s)
    group by day, store_id, staff_id
    order by day, store_id nulls last, staff_id nulls last
"""


@dataclass(frozen=True)
class RecruitCount:
    """What was won on a day (Taipei) by a person at a store; None where by nobody.

    `bindings` are people bound for the first time in their life, `rebinds` those who
    were bound before (features A5, A11).
    """

    day: date
    store_id: int | None
    staff_id: int | None
    members: int
    friends: int
    apps: int
    bindings: int
    rebinds: int


def recruit_counts(
    *, since: date, until: date, store_id: int | None = None
) -> list[RecruitCount]:
    """Count what was won from `since` until the day before `until`, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            RECRUITS,
            {
                "since": clock.start_of(since),
                "until": clock.start_of(until),
                "store": store_id,
            },
        )
        return [RecruitCount(*row) for row in cursor.fetchall()]
