"""Figures of bonds: whom each person won for the brand, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.core import clock


@dataclass(frozen=True)
class BindingCount:
    """The bonds of a salesperson at a store on a day (Taipei) by one way.

    `customers` are distinct people bound for the first time in their life; `rebinds`
    are bonds of people who had one before, which would inflate the first figure
    (features A5).
    """

    day: date
    store_id: int
    staff_id: int
    source: str
    customers: int
    rebinds: int


def binding_counts(
    *,
    since: date,
    until: date,
    staff_ids: Sequence[int] | None = None,
    store_ids: Sequence[int] | None = None,
) -> list[BindingCount]:
    """Count the bonds that began from `since` until the day before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (lower(b.period) at time zone 'Asia/Taipei')::date as day,
                   b.store_id, b.staff_id, b.source,
                   count(*) filter (where not earlier.was) as customers,
                   count(*) filter (where earlier.was) as rebinds
            from members_binding b
            cross join lateral (
                select exists (
                    select 1 from members_binding e
                    where e.member_id = b.member_id
                      and lower(e.period) < lower(b.period)
                ) as was
            ) as earlier
            where lower(b.period) >= %(since)s and lower(b.period) < %(until)s
              and (%(staff)s::bigint[] is null or b.staff_id = any(%(staff)s))
              and (%(store)s::bigint[] is null or b.store_id = any(%(store)s))
            group by 1, 2, 3, 4
            order by 1, 2, 3, 4
            """,
            {
                "since": clock.start_of(since),
                "until": clock.start_of(until),
                "staff": None if staff_ids is None else list(staff_ids),
                "store": None if store_ids is None else list(store_ids),
            },
        )
        return [BindingCount(*row) for row in cursor.fetchall()]
