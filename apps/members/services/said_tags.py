"""Tags that a file or a system says members have: what is so, not what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection, transaction

from apps.audit import services as audit
from apps.members.models import MemberTag, Tag
from apps.members.rules.tags import distinct
from apps.members.services.records import MemberIn, Upserted
from apps.members.services.tag_rows import Occasion, Pair, give, hold, take_pairs


def take(
    rows: Sequence[tuple[MemberIn, int]], *, source: str, replaces: bool, now: datetime
) -> Said:
    """Let the members have the tags of their rows; of several that replace, the last.

    A source that has no name among ours is a system that called the API.
    """
    said: dict[int, list[str]] = {}
    for row, member in rows:
        if row.tags is not None:
            before = [] if replaces else said.get(member, [])
            said[member] = distinct([*before, *row.tags])
    known = source in MemberTag.Source.values
    origin = source if known else MemberTag.Source.API.value
    return say_tags(said, source=origin, replaces=replaces, now=now)


def told(done: Sequence[Upserted], said: Said) -> Iterator[Upserted]:
    """Add to each answer what came of the member's tags, once."""
    for each in done:
        archived = each.member_id in said.archived and not each.code
        yield replace(
            each,
            code="tag_archived" if archived else each.code,
            tags_removed=said.removed.pop(each.member_id or 0, 0),
        )


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
    if not said:
        return Said()
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
