"""Tag many members at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.audit import services as audit
from apps.members.models import Member, Tag
from apps.staff.models import Staff


@transaction.atomic
def tag_members(
    member_ids: Collection[int], tag: Tag, *, by: Staff | None, now: datetime
) -> int:
    """Give the members the tag; return how many did not have it."""
    has = set(tag.members.filter(pk__in=member_ids).values_list("pk", flat=True))
    new = sorted(set(member_ids) - has)
    tag.members.add(*new)
    _record("tag.added", new, tag, by=by, now=now)
    return len(new)


@transaction.atomic
def untag_members(
    member_ids: Collection[int], tag: Tag, *, by: Staff | None, now: datetime
) -> int:
    """Take the tag from the members; return how many had it."""
    has = sorted(tag.members.filter(pk__in=member_ids).values_list("pk", flat=True))
    tag.members.remove(*has)
    _record("tag.removed", has, tag, by=by, now=now)
    return len(has)


def _record(
    action: str, ids: Collection[int], tag: Tag, *, by: Staff | None, now: datetime
) -> None:
    audit.record_many(
        action, Member, {pk: {"tag": tag.name} for pk in ids}, by=by, now=now
    )
