"""The review of tiers as statements, written for the tiers as they are.

The rungs become CASE expressions over the members' facts, as one would write them by
hand, so that a million members are one scan. `rules.tiers` decides the same for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from apps.core import clock
from apps.loyalty.rules.tiers import LIFETIME, ORDER, Rung, ladder

FACTS_MONTHS = 12
# Who never bought has no facts, but may hold a tier by hand or by a code.
OVER_WITHOUT_FACTS = """
    union all
    select over.member_id from loyalty_standing as over
    where over.until <= %(now)s and (
        select kept.member_id from members_memberfacts as kept
        where kept.member_id = over.member_id) is null
"""
# An array, so that the locks are taken by the key, never by reading all members.
LOCK_NEXT = """
    select array_agg(id) from (
        select id from members_member
        where id = any(array({} limit %(most)s))
        order by id for no key update
    ) as locked
"""


@dataclass(frozen=True)
class Review:
    """Two statements: who is to move, and moving them. Both take `now`.

    `lock_next` looks at everybody who has facts or a standing, and locks and returns as
    an array at `most` so many who are to move. `move`, of `members`, returns how many
    moved, and as arrays who came up and to which tiers.
    """

    lock_next: str
    move: str


def windows(rungs: Sequence[Rung]) -> set[int]:
    """Return the windows of months that the members' facts do not hold."""
    asked = {
        (by, months)
        for rung in rungs
        for by, months in (
            (rung.by, rung.months),
            (rung.renew_by, rung.renew_months),
        )
    }
    return {
        months
        for by, months in asked
        if by == ORDER or (by != LIFETIME and months != FACTS_MONTHS)
    }


def review_of(rungs: Sequence[Rung], *, now: datetime) -> Review:
    """Return the statements for these tiers; every literal in them is a number."""
    steps = ladder(rungs)
    where = _where(steps)
    return Review(
        lock_next=LOCK_NEXT.format(
            f"select facts.member_id {source(steps)} where {where}{OVER_WITHOUT_FACTS}"
        ),
        move=_move(steps, now),
    )


@lru_cache(maxsize=8)
def find_some(rungs: tuple[Rung, ...]) -> str:
    """Return the statement of who of `members` is to move, as `review_of` finds."""
    steps = ladder(rungs)
    return f"select member.id {source(steps, some=True)} where {_where(steps)}"


def unborne(steps: Sequence[Rung]) -> str:
    """Return the statement of who of `members` holds more than spending reaches."""
    return (
        f"select held.member_id, held.tier_id, held.since {source(steps, some=True)}"
        f" where {goal(steps)} < {held(steps)} and held.right = 'spend'"
    )


def until(now: datetime, months: int) -> datetime | None:
    """Return when a tier of so many months is looked at again: at the day's end."""
    if months == 0:
        return None
    return clock.end_of(_months_later(clock.day_of(now), months))


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last."""
    first = day.replace(day=1)
    for _month in range(months):
        first = clock.next_month(first)
    last = clock.next_month(first) - timedelta(days=1)
    return min(last, last.replace(day=min(day.day, last.day)))


def source(steps: Sequence[Rung], *, some: bool = False) -> str:
    """Return what the figures come from: of everybody with facts, or of `members`.

    Some are probed for one by one, whatever share of everybody they are: reading all
    to find a few per cent of them would take as long as the whole review.
    """
    joins = {"held": ("loyalty_standing", "")} | {
        f"w{months}": ("loyalty_spendwindow", f"months = {months}")
        for months in sorted(windows(steps))
    }
    if not some:
        return "from members_memberfacts as facts" + "".join(
            f" left join {table} as {name} on {name}.member_id = facts.member_id"
            + (f" and {name}.{which}" if which else "")
            for name, (table, which) in joins.items()
        )
    joins["facts"] = ("members_memberfacts", "")
    probe = " left join lateral (select * from {} where {} limit 1) as {} on true"
    return "from unnest(%(members)s::bigint[]) as member (id)" + "".join(
        probe.format(table, f"member_id = member.id and {which or 'true'}", name)
        for name, (table, which) in joins.items()
    )


def _measure(by: str, months: int) -> str:
    if by == LIFETIME:
        return "coalesce(facts.spend, 0)"
    if by == ORDER:
        return f"coalesce(w{months}.best_order, 0)"
    if months == FACTS_MONTHS:
        return "coalesce(facts.spend_12m, 0)"
    return f"coalesce(w{months}.spend, 0)"


def goal(steps: Sequence[Rung]) -> str:
    """Return the expression of the step that is reached, 0 for none."""
    whens = "".join(
        f" when {_measure(rung.by, rung.months)} >= {rung.threshold} then {step}"
        for step, rung in reversed(list(enumerate(steps, start=1)))
    )
    return f"(case{whens} else 0 end)" if whens else "0"


def held(steps: Sequence[Rung]) -> str:
    """Return the expression of the step that is held, 0 for none."""
    whens = "".join(
        f" when {rung.tier_id} then {step}" for step, rung in enumerate(steps, start=1)
    )
    return f"(case held.tier_id{whens} else 0 end)" if whens else "0"


def _where(steps: Sequence[Rung]) -> str:
    """Return who moves: upwards, or whose time is over."""
    return (
        f"({goal(steps)} > {held(steps)}"
        " or (held.until is not null and held.until <= %(now)s::timestamptz))"
    )


def _move(steps: Sequence[Rung], now: datetime) -> str:
    renews = "".join(
        f" when {rung.tier_id} then {_measure(rung.renew_by, rung.renew_months)} >= "
        f"{rung.threshold if rung.renew_amount is None else rung.renew_amount}"
        for rung in steps
    )
    renews = f"(case held.tier_id{renews} else false end)" if renews else "false"
    tiers = _cases("goal", [str(rung.tier_id) for rung in steps])
    spent = _cases("goal", [_measure(rung.by, rung.months) for rung in steps])
    ends = _cases("step", [_moment(until(now, rung.term_months)) for rung in steps])
    return f"""
    with figures as (
        select member.id as member_id, held.tier_id as before_id,
               held.since, {held(steps)} as held, {goal(steps)} as goal,
               {renews} as renews,
               held.until is not null and held.until <= %(now)s as is_over,
               {spent.replace("goal", goal(steps))} as spent
        {source(steps, some=True)}
    ), judged as (
        select *,
               case when goal > held then goal
                    when is_over and (renews or goal = held) then held
                    else goal end as step,
               case when goal > held and before_id is null then 'start'
                    when goal > held then 'upgrade'
                    when renews or goal = held then 'renewal'
                    else 'expiry' end as reason
        from figures
        where goal > held or is_over
    ), moved as (
        select member_id, before_id, since, reason, spent,
               {tiers.replace("goal", "step")} as after_id, {ends} as until
        from judged
    ), lost as (
        delete from loyalty_standing as standing using moved
        where standing.member_id = moved.member_id and moved.after_id is null
    ), kept as (
        insert into loyalty_standing (member_id, tier_id, since, until, "right")
        select member_id, after_id,
               case when reason = 'renewal' then since else %(now)s end, until, 'spend'
        from moved where after_id is not null
        on conflict (member_id) do update
        set tier_id = excluded.tier_id, since = excluded.since,
            until = excluded.until, "right" = 'spend'
    )
    , told as (
        insert into loyalty_tierchange
            (member_id, before_id, after_id, reason, spent, until, note, by_id, at)
        select member_id, before_id, after_id, reason, spent, until, '', null, %(now)s
        from moved order by member_id
    )
    select count(*), array_agg(member_id) filter (where reason = 'upgrade'),
           array_agg(after_id) filter (where reason = 'upgrade')
    from moved
    """  # noqa: S608  (of numbers and moments)


def _cases(name: str, answers: Sequence[str]) -> str:
    """Return an expression that picks an answer by step; null below the first."""
    whens = "".join(
        f" when {step} then {answer}" for step, answer in enumerate(answers, start=1)
    )
    return f"(case {name}{whens} end)" if whens else "null"


def _moment(moment: datetime | None) -> str:
    return (
        "null::timestamptz"
        if moment is None
        else f"'{moment.isoformat()}'::timestamptz"
    )
