"""Give members tags and take them away, many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.audit import services as audit
from apps.members.models import Member, MemberTag, Tag
from apps.members.services import aliases
from apps.members.services.tag_rows import (
    Occasion,
    Pair,
    Tagged,
    forget_days,
    give,
    hold,
    take_expired,
    take_pairs,
)
from apps.staff.models import Staff

# Beyond so many, the audit keeps one entry with their number.
NAMED = 1_000
DAYS_KEPT = timedelta(days=731)  # for how long "within the last days" can be asked


@transaction.atomic
def tag_members(
    member_ids: Collection[int],
    tags: Collection[Tag],
    *,
    source: str,
    by: Staff | None,
    now: datetime,
    occasion: str = "",
) -> Tagged:
    """Give each of the members each tag.

    Who has it already has it once more, and for the tag's days from now on. `source` is
    one of `MemberTag.Source`; `occasion` names what gives it, such as a form that was
    sent: said twice in a row it counts once. An archived tag is given to nobody, an
    alias of a member stands for the person.
    """
    people = set(aliases.hold(member_ids).values())
    held = hold({tag.pk for tag in tags}).values()
    live = {tag.pk: tag for tag in held if tag.is_offered}
    pairs = {(member, tag) for member in people for tag in live}
    tagged = give(pairs, live.values(), Occasion(source, now, occasion), again=True)
    for tag in live.values():
        _record("tag.added", people, tag, by=by, now=now)
    return tagged


@transaction.atomic
def untag_members(
    member_ids: Collection[int],
    tags: Collection[Tag],
    *,
    by: Staff | None,
    now: datetime,
) -> int:
    """Take the tags from the members, counts and all; return how many had any."""
    people = set(aliases.hold(member_ids).values())
    held = {tag.pk: tag for tag in hold({tag.pk for tag in tags}).values()}
    gone = take_pairs([(member, tag) for member in people for tag in held])
    for tag in held.values():
        had = {member for member, of in gone if of == tag.pk}
        _record("tag.removed", had, tag, by=by, now=now)
    return len({member for member, _tag in gone})


@dataclass
class Said:
    """What came of tags that a file or a system says members have."""

    changed: set[int] = field(default_factory=set)  # members
    archived: set[int] = field(default_factory=set)  # members of whom one was named
    removed: Counter[int] = field(default_factory=Counter)  # tags taken, by member


@transaction.atomic
def say_tags(
    said: Mapping[int, Collection[str]],
    *,
    source: str,
    now: datetime,
    replaces: bool = False,
) -> Said:
    """Let each member have the tags of those names; said again, nothing changes.

    It tells what is so, not that something happened: who has a tag keeps count and end.
    A name that nobody knows becomes a tag. `replaces` takes all others from exactly
    these members. The members are locked by the caller.
    """
    known = _tags_named({name for names in said.values() for name in names}, now=now)
    held_tags = hold(set(known.values()))
    live = {pk: tag for pk, tag in held_tags.items() if tag.is_offered}
    wanted: set[Pair] = set()
    told = Said()
    for member, names in said.items():
        meant = {known[name] for name in names}
        wanted |= {(member, live[tag].pk) for tag in meant if tag in live}
        if meant - live.keys():
            told.archived.add(member)
    held = _held(said)
    missing = wanted - held
    give(missing, live.values(), Occasion(source, now), again=False)
    surplus = _surplus(held, wanted) if replaces else set()
    gone = take_pairs(surplus)
    told.changed = {member for member, _tag in (*missing, *gone)}
    told.removed.update(member for member, _tag in gone)
    return told


def _surplus(held: set[Pair], wanted: set[Pair]) -> set[Pair]:
    """Return what goes; what is archived stays, nobody can give it back."""
    offered = set(Tag.objects.offered().values_list("pk", flat=True))
    return {(member, tag) for member, tag in held - wanted if tag in offered}


def expire_tags(*, now: datetime) -> int:
    """Take every tag whose last day is over; return how many. Twice does nothing."""
    total = 0
    while True:
        with transaction.atomic():
            gone = take_expired(now)
            counts = Counter(tag for _member, tag in gone)
            audit.record_many(
                "tag.expired", Tag, {tag: {"members": n} for tag, n in counts.items()},
                by=None, now=now,
            )  # fmt: skip
        if not gone:
            break
        total += len(gone)
    forget_days(now, DAYS_KEPT)
    return total


def _tags_named(names: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return the tag of each name whatever its case; a new one is made."""
    asked = sorted(set(names))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into members_tag (name)
            select distinct on (lower(name)) name from unnest(%s::text[]) as asked(name)
            where not exists (
                select 1 from members_tag known
                where lower(known.name) = lower(asked.name))
            on conflict do nothing returning id, name
            """,
            [asked],
        )
        made = {pk: {"name": name} for pk, name in cursor.fetchall()}
        audit.record_many("tag.made", Tag, made, by=None, now=now)
        cursor.execute(
            """
            select asked.name, tag.id from unnest(%s::text[]) as asked(name)
            join members_tag tag on lower(tag.name) = lower(asked.name)
            """,
            [asked],
        )
        return dict(cursor.fetchall())


def _held(member_ids: Iterable[int]) -> set[Pair]:
    rows = MemberTag.objects.filter(member__in=list(member_ids))
    return set(rows.values_list("member_id", "tag_id"))


def _record(
    action: str, ids: Collection[int], tag: Tag, *, by: Staff | None, now: datetime
) -> None:
    """Keep who was given or lost the tag: each by name, or their number where many."""
    if len(ids) > NAMED:
        audit.record(action, tag, by=by, now=now, members=len(ids))
        return
    facts = {pk: {"tag": tag.name} for pk in sorted(ids)}
    audit.record_many(action, Member, facts, by=by, now=now)
