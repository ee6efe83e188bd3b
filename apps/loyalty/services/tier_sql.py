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
# Nobody is waited for: rows that others hold, or changed since the statement began,
# are left to be decided again. A lock answers with the newest version of a row: it is
# the one that was decided on if its ctid is, which also finds it without an index.
# `array` keeps the planner from reading the whole table for it.
MOVE_NEXT = """
    with everybody as materialized (
        select coalesce(facts.member_id, held.member_id) as member_id,
               facts.ctid as facts_at, held.ctid as held_at, {figures}
        {source} where {where}
    ), due as materialized (
        select * from everybody limit %(most)s
    ), locked as (
        select due.*, same.facts_at = due.facts_at as is_same
        from due cross join lateral (
            select id from members_member where id = due.member_id
            for no key update skip locked
        ) as member cross join lateral (
            select facts.ctid as facts_at from members_memberfacts as facts
            where facts.ctid = due.facts_at and facts.member_id = member.id
            for no key update skip locked
        ) as same
    ), {judged}, moved as materialized (
        select member_id, held_at, before_id, since, reason, spent,
               {after} as after_id, {until} as until
        from judged where is_same
    ), lost as (
        delete from loyalty_standing as standing using moved
        where standing.ctid = any(array(
            select held_at from moved where after_id is null))
        and standing.member_id = moved.member_id and standing.ctid = moved.held_at
        returning moved.*
    ), kept as (
        update loyalty_standing as standing
        set tier_id = moved.after_id, until = moved.until, "right" = 'spend',
            since = case when moved.reason = 'renewal' then moved.since
                    else %(now)s end
        from moved
        where standing.ctid = any(array(
            select held_at from moved where after_id is not null))
        and standing.member_id = moved.member_id and standing.ctid = moved.held_at
        returning moved.*
    ), started as (
        insert into loyalty_standing (member_id, tier_id, since, until, "right")
        select member_id, after_id, %(now)s, until, 'spend'
        from moved where before_id is null
        on conflict (member_id) do nothing
        returning member_id
    ), told as (
        insert into loyalty_tierchange
            (member_id, before_id, after_id, reason, spent, until, note, by_id, at)
        select member_id, before_id, after_id, reason, spent, until, '',
               null::bigint, %(now)s::timestamptz
        from (
            select * from kept union all select * from lost
            union all select moved.* from moved join started using (member_id)
        ) as written
        returning member_id, after_id, reason
    )
    select (select count(*) from due), (select count(*) from told),
           array(
               select array[member_id, after_id] from told
               where reason = 'upgrade' and after_id = any(array(
                   select id from loyalty_tier where entry_points > 0))
               order by member_id),
           case when (select count(*) from told) < (select count(*) from due)
                then array(select member_id from due
                           except select member_id from told)
           end
"""


@dataclass(frozen=True)
class Review:
    """Two statements: moving the next who are to move, and moving some of `members`.

    Both take `now`. `move_next` looks at everybody who has facts or a standing, locks
    at `most` so many who are to move, and moves them as far as nobody else is at them:
    it returns how many it found and how many moved, who came up to which tier that has
    a gift, and who of the found was left, null for nobody. `move` decides on members
    who are locked, and returns how many moved, who came up, and to which tiers.
    """

    move_next: str
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
    return Review(move_next=_move_next(steps, now), move=_move(steps, now))


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
        # Who never bought has no facts, but may hold a tier by hand or by a code.
        return "from members_memberfacts as facts" + "".join(
            f" {'left' if which else 'full'} join {table} as {name}"
            f" on {name}.member_id = facts.member_id"
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
        f"({_climbs(steps)}"
        " or (held.until is not null and held.until <= %(now)s::timestamptz))"
    )


def _climbs(steps: Sequence[Rung]) -> str:
    """Return whether more is reached than is held, as one comparison where it can be.

    From each step it is enough to reach the lowest threshold above it, of each way of
    measuring that the steps above know.
    """
    above = [_reaches(steps[step:]) for step in range(len(steps) + 1)]
    whens = "".join(
        f" when {rung.tier_id} then {reached}"
        for rung, reached in zip(steps, above[1:], strict=True)
    )
    return f"(case held.tier_id{whens} else {above[0]} end)" if whens else "false"


def _reaches(steps: Sequence[Rung]) -> str:
    """Return whether any of the steps is reached; they are in order of threshold."""
    lowest: dict[str, int] = {}
    for rung in steps:
        lowest.setdefault(_measure(rung.by, rung.months), rung.threshold)
    reached = (f"{measure} >= {threshold}" for measure, threshold in lowest.items())
    return " or ".join(reached) or "false"


def _figures(steps: Sequence[Rung]) -> str:
    """Return what is decided on, as columns."""
    renews = "".join(
        f" when {rung.tier_id} then {_measure(rung.renew_by, rung.renew_months)} >= "
        f"{rung.threshold if rung.renew_amount is None else rung.renew_amount}"
        for rung in steps
    )
    renews = f"(case held.tier_id{renews} else false end)" if renews else "false"
    spent = _cases("goal", [_measure(rung.by, rung.months) for rung in steps])
    return f"""
        held.tier_id as before_id, held.since, {held(steps)} as held,
        {goal(steps)} as goal, {renews} as renews,
        held.until is not null and held.until <= %(now)s as is_over,
        {spent.replace("goal", goal(steps))} as spent
    """


def _judged(figures: str) -> str:
    """Return the part that decides on the figures: the step and its reason."""
    return f"""judged as (
        select *,
               case when goal > held then goal
                    when is_over and (renews or goal = held) then held
                    else goal end as step,
               case when goal > held and before_id is null then 'start'
                    when goal > held then 'upgrade'
                    when renews or goal = held then 'renewal'
                    else 'expiry' end as reason
        from {figures}
        where goal > held or is_over
    )"""  # noqa: S608  (of a name)


def _after(steps: Sequence[Rung]) -> str:
    """Return the tier of the step that was decided on."""
    return _cases("step", [str(rung.tier_id) for rung in steps])


def _until(steps: Sequence[Rung], now: datetime) -> str:
    """Return when the tier of the step that was decided on is looked at again."""
    moments = [_moment(until(now, rung.term_months)) for rung in steps]
    return _cases("step", moments, "timestamptz")


def _move_next(steps: Sequence[Rung], now: datetime) -> str:
    return MOVE_NEXT.format(
        figures=_figures(steps),
        source=source(steps),
        where=_where(steps),
        judged=_judged("locked"),
        after=_after(steps),
        until=_until(steps, now),
    )


def _move(steps: Sequence[Rung], now: datetime) -> str:
    return f"""
    with figures as (
        select member.id as member_id, {_figures(steps)}
        {source(steps, some=True)}
    ), {_judged("figures")}, moved as (
        select member_id, before_id, since, reason, spent,
               {_after(steps)} as after_id, {_until(steps, now)} as until
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


def _cases(name: str, answers: Sequence[str], kind: str = "bigint") -> str:
    """Return an expression that picks an answer by step; null below the first.

    Where there are no tiers at all, the null still has to say of what `kind` it is.
    """
    whens = "".join(
        f" when {step} then {answer}" for step, answer in enumerate(answers, start=1)
    )
    return f"(case {name}{whens} end)" if whens else f"null::{kind}"


def _moment(moment: datetime | None) -> str:
    return (
        "null::timestamptz"
        if moment is None
        else f"'{moment.isoformat()}'::timestamptz"
    )
