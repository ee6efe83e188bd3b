"""Give members tags and take them away, many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from apps.audit import services as audit
from apps.members.models import Member, Tag
from apps.members.services import aliases
from apps.members.services.tag_rows import (
    Occasion,
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


def _record(
    action: str, ids: Collection[int], tag: Tag, *, by: Staff | None, now: datetime
) -> None:
    """Keep who was given or lost the tag: each by name, or their number where many."""
    if len(ids) > NAMED:
        audit.record(action, tag, by=by, now=now, members=len(ids))
        return
    facts = {pk: {"tag": tag.name} for pk in sorted(ids)}
    audit.record_many(action, Member, facts, by=by, now=now)
