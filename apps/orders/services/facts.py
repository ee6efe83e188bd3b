"""Keep `MemberFacts` true: computed anew where orders change.

New orders are added to them (`services/adding.py`). Both ways are made of one table of
columns, so that they cannot drift apart; a nightly sample compares them
(`services/checking.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from apps.core import clock

ADDS = "facts.{0} + excluded.{0}"
DAY = "(bought.placed_at at time zone 'Asia/Taipei')::date"
SECOND = """(
    select at from unnest(array[facts.first_order_at, facts.second_order_at,
        excluded.first_order_at, excluded.second_order_at]) as at
    where at is not null order by at offset 1 limit 1)"""


@dataclass(frozen=True)
class Column:
    """A column of the facts: its sum over orders, and how new orders join the old."""

    total: str
    joined: str = ADDS


def _count(condition: str = "true") -> Column:
    return Column(f"count(*) filter (where bought.paid_at is not null and {condition})")


def _sum(amount: str, condition: str = "true") -> Column:
    where = f"filter (where bought.paid_at is not null and {condition})"
    return Column(f"coalesce(sum({amount}) {where}, 0)")


LEFT = "bought.net - bought.refunded"
PAID = "filter (where bought.paid_at is not null)"
COLUMNS = {
    "orders": _count(),
    "orders_30d": _count("bought.placed_at >= %(d30)s::timestamptz"),
    "orders_90d": _count("bought.placed_at >= %(d90)s::timestamptz"),
    "orders_12m": _count("bought.placed_at >= %(m12)s::timestamptz"),
    "orders_store": _count("bought.channel = 'store'"),
    "orders_web": _count("bought.channel = 'web'"),
    "orders_app": _count("bought.channel = 'app'"),
    "orders_cancelled": Column("count(bought.cancelled_at)"),
    "shopping_days": Column(f"count(distinct {DAY}) {PAID}"),
    "spend": _sum(LEFT),
    "spend_30d": _sum(LEFT, "bought.placed_at >= %(d30)s::timestamptz"),
    "spend_90d": _sum(LEFT, "bought.placed_at >= %(d90)s::timestamptz"),
    "spend_12m": _sum(LEFT, "bought.placed_at >= %(m12)s::timestamptz"),
    "largest_order": Column(
        f"coalesce(max({LEFT}) {PAID}, 0)", "greatest(facts.{0}, excluded.{0})"
    ),
    "goods": _sum("bought.goods"),
    "discount": _sum("bought.discount"),
    "refunded": _sum("bought.refunded"),
    "first_order_at": Column(
        f"min(bought.placed_at) {PAID}", "least(facts.{0}, excluded.{0})"
    ),
    "second_order_at": Column(
        f"(array_agg(bought.placed_at order by bought.placed_at) {PAID})[2]", SECOND
    ),
    "last_order_at": Column(
        f"max(bought.placed_at) {PAID}", "greatest(facts.{0}, excluded.{0})"
    ),
}
NAMES = ", ".join(COLUMNS)
TOTALS = ", ".join(f"{column.total} as {name}" for name, column in COLUMNS.items())

COMPUTED = f"""
    select member.id as member_id, {TOTALS}
    from unnest(%(members)s::bigint[]) as member(id)
    left join orders_order as bought on bought.member_id = member.id
    group by member.id
"""  # noqa: S608  (made of this module's own words)
REFRESH = f"""
    insert into members_memberfacts as facts (member_id, {NAMES})
    select member_id, {NAMES} from ({COMPUTED}) as computed order by member_id
    on conflict (member_id) do update
    set {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
    where ({", ".join(f"facts.{name}" for name in COLUMNS)})
          is distinct from ({", ".join(f"excluded.{name}" for name in COLUMNS)})
    returning member_id
"""  # noqa: S608

# The windows alone, of those who bought within one of them as they were.
WINDOWS = [name for name in COLUMNS if name.endswith(("_30d", "_90d", "_12m"))]
SLIDE = f"""
    with within as (
        select facts.member_id, {
    ", ".join(f"{COLUMNS[name].total} as {name}" for name in WINDOWS)
}
        from members_memberfacts as facts
        left join orders_order as bought on bought.member_id = facts.member_id
             and bought.placed_at >= %(m12)s::timestamptz
        where facts.member_id > %(after)s and facts.member_id <= %(until)s
          and facts.orders_12m > 0
        group by facts.member_id
    )
    update members_memberfacts as facts
    set {", ".join(f"{name} = within.{name}" for name in WINDOWS)}
    from within
    where facts.member_id = within.member_id
      and ({", ".join(f"facts.{name}" for name in WINDOWS)})
          is distinct from ({", ".join(f"within.{name}" for name in WINDOWS)})
    returning facts.member_id
"""  # noqa: S608


def refresh(member_ids: Collection[int], *, now: datetime) -> list[int]:
    """Compute the members' facts anew; return those whose facts changed."""
    if not member_ids:
        return []
    members = sorted(set(member_ids))
    return _members(REFRESH, {**windows(now), "members": members})


def slide(after: int, until: int, *, now: datetime) -> list[int]:
    """Move the windows of the members with these ids on; return whose changed."""
    return _members(SLIDE, {**windows(now), "after": after, "until": until})


def windows(now: datetime) -> dict[str, datetime]:
    """Return where each window begins: at the start of a day in Taipei."""
    today = clock.day_of(now)
    return {
        "d30": clock.start_of(today - timedelta(days=30)),
        "d90": clock.start_of(today - timedelta(days=90)),
        "m12": clock.start_of(_a_year_before(today)),
    }


def _a_year_before(day: date) -> date:
    """Return the same day last year; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _members(statement: str, facts: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return [member for (member,) in cursor.fetchall()]
