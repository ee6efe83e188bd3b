"""The statements that write tags on members, many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from apps.core import clock
from apps.members.models import Tag
from apps.members.rules import tags as rules

AT_ONCE = 10_000  # rows a statement
# A tag may be merged away while it is read; each round is one merge that committed.
ROUNDS = 20
Pair = tuple[int, int]  # member, tag


@dataclass(frozen=True)
class Occasion:
    """Where tags come from and when; the same name twice in a row counts once."""

    source: str
    now: datetime
    name: str = ""


@dataclass(frozen=True)
class Tagged:
    """How many were given a tag, and how many of them did not have it."""

    given: int = 0
    new: int = 0


GIVE = """
    with given as (
        insert into members_tag_members as held (
            member_id, tag_id, count, first_at, last_at, expires_at, source, occasion)
        select asked.member, asked.tag, 1, %(now)s, %(now)s, asked.expires,
               %(source)s, %(occasion)s
        from unnest(%(members)s::bigint[], %(tags)s::bigint[],
                    %(expiries)s::timestamptz[]) as asked(member, tag, expires)
        on conflict (tag_id, member_id) {where_held}
        returning id, count
    ), days as (
        insert into members_tagday as held (given_id, day, count)
        select id, %(day)s, 1 from given
        on conflict (given_id, day) do update set count = held.count + 1
    )
    select count(*), count(*) filter (where count = 1) from given
"""
AGAIN = """do update set
            count = held.count + 1,
            first_at = least(held.first_at, excluded.first_at),
            last_at = greatest(held.last_at, excluded.last_at),
            expires_at = case when excluded.expires_at is not null
                         then greatest(held.expires_at, excluded.expires_at) end,
            occasion = excluded.occasion
        where excluded.occasion = '' or held.occasion <> excluded.occasion"""
REMOVE = """
    with gone as (
        delete from members_tag_members where id in (
            select id from members_tag_members where {which} for update {skip})
        returning id, member_id, tag_id
    ), days as (
        delete from members_tagday where given_id in (select id from gone)
    )
    select member_id, tag_id from gone
"""
SUM = """
    update members_tag_members kept set
        count = kept.count + gone.count,
        first_at = least(kept.first_at, gone.first_at),
        last_at = greatest(kept.last_at, gone.last_at),
        expires_at = case
            when kept.expires_at is not null and gone.expires_at is not null
            then greatest(kept.expires_at, gone.expires_at) end,
        source = case when gone.first_at < kept.first_at
                 then gone.source else kept.source end
    from unnest(%(kept)s::bigint[], %(gone)s::bigint[]) as pair(kept, gone)
    join members_tag_members gone on gone.id = pair.gone
    where kept.id = pair.kept
"""
SUM_DAYS = """
    insert into members_tagday as held (given_id, day, count)
    select pair.kept, days.day, days.count
    from unnest(%(kept)s::bigint[], %(gone)s::bigint[]) as pair(kept, gone)
    join members_tagday days on days.given_id = pair.gone
    on conflict (given_id, day) do update set count = held.count + excluded.count
"""


def hold(tag_ids: Collection[int]) -> dict[int, Tag]:
    """Return where each tag leads, and keep those from being merged or archived.

    The lock ends with the caller's transaction and keeps out no one who gives tags.
    """
    leads = {pk: pk for pk in tag_ids}
    for _round in range(ROUNDS):
        held = _locked(set(leads.values()))
        if not any(tag.merged_into_id for tag in held.values()):
            return {pk: held[now] for pk, now in leads.items() if now in held}
        leads = {pk: held[now].merged_into_id or now for pk, now in leads.items()}
    raise RuntimeError("the same tags were merged over and over")


def _locked(tag_ids: Collection[int]) -> dict[int, Tag]:
    rows = Tag.objects.raw(
        "select * from members_tag where id = any(%s) order by id for share",
        [sorted(tag_ids)],
    )
    return {tag.pk: tag for tag in rows}


def give(
    pairs: Collection[Pair], tags: Collection[Tag], occasion: Occasion, *, again: bool
) -> Tagged:
    """Give each member the tag; `again` counts it where they have it already.

    In rising order, so that two who give the same tags cannot wait for each other.
    """
    ends = {tag.pk: ends_at(tag.days, occasion.now) for tag in tags}
    statement = GIVE.format(where_held=AGAIN if again else "do nothing")
    given = new = 0
    with connection.cursor() as cursor:
        for part in _portions(sorted(set(pairs))):
            cursor.execute(
                statement,
                {
                    "now": occasion.now,
                    "day": clock.day_of(occasion.now),
                    "source": occasion.source,
                    "occasion": occasion.name[:60],
                    "members": [member for member, _tag in part],
                    "tags": [tag for _member, tag in part],
                    "expiries": [ends[tag] for _member, tag in part],
                },
            )
            counted = cursor.fetchone()
            given, new = given + counted[0], new + counted[1]
    return Tagged(given, new)


def ends_at(days: int | None, given_at: datetime) -> datetime | None:
    """Return when a tag given at the moment ends; None where it does not."""
    last = rules.last_day(days, clock.day_of(given_at))
    return None if last is None else clock.end_of(last)


def take_pairs(pairs: Collection[Pair]) -> list[Pair]:
    """Take the tags from the members; return the pairs that there were."""
    which = """
        (member_id, tag_id) in (
            select * from unnest(%(members)s::bigint[], %(tags)s::bigint[]))
        order by id"""
    gone: list[Pair] = []
    with connection.cursor() as cursor:
        for part in _portions(sorted(set(pairs))):
            cursor.execute(
                REMOVE.format(which=which, skip=""),
                {
                    "members": [member for member, _tag in part],
                    "tags": [tag for _member, tag in part],
                },
            )
            gone += cursor.fetchall()
    return gone


def take_expired(now: datetime) -> list[Pair]:
    """Take some tags whose last day is over; return the pairs, none when all are."""
    which = f"expires_at <= %(now)s order by expires_at limit {AT_ONCE}"
    with connection.cursor() as cursor:
        cursor.execute(REMOVE.format(which=which, skip="skip locked"), {"now": now})
        return list(cursor.fetchall())


def forget_days(now: datetime, kept: timedelta) -> int:
    """Delete the counts of days longer ago than that; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from members_tagday where day < %s", [clock.day_of(now - kept)]
        )
        return int(cursor.rowcount)


def absorb(kept: Sequence[int], gone: Sequence[int]) -> None:
    """Add each row of `gone` to the one beside it in `kept`, and delete it.

    Counts and days add, the first is the earlier, the last the later; what has no end
    on either side has none, else the later end stands.
    """
    pairs = {"kept": list(kept), "gone": list(gone)}
    with connection.cursor() as cursor:
        cursor.execute(SUM, pairs)
        cursor.execute(SUM_DAYS, pairs)
        cursor.execute(
            "delete from members_tagday where given_id = any(%(gone)s)", pairs
        )
        cursor.execute(
            "delete from members_tag_members where id = any(%(gone)s)", pairs
        )


def _portions(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    for first in range(0, len(pairs), AT_ONCE):
        yield pairs[first : first + AT_ONCE]
