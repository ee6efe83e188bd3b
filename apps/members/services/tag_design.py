"""What HQ does with the tags themselves: make, revise, merge, archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.core.text import clean
from apps.members.models import MemberTag, Tag
from apps.members.querysets import MemberTagQuerySet
from apps.members.rules import tags as rules
from apps.members.services.tag_rows import AT_ONCE, absorb
from apps.staff.models import Staff

REPLAN = """
    update members_tag_members set expires_at =
        (((last_at at time zone 'Asia/Taipei')::date + %(days)s + 1)::timestamp
         at time zone 'Asia/Taipei')
    where tag_id = %(tag)s
"""


def make_tag(name: str, *, days: int | None, by: Staff | None, now: datetime) -> Tag:
    """Make a tag that stays for so many days after it was given last, None for good.

    Refused: "tag_empty", "tag_long", "tag_separator", "tag_taken" whatever the case.
    """
    tag = Tag(name=_name(name), days=days)
    with transaction.atomic():
        _save(tag)
        audit.record("tag.made", tag, by=by, now=now, name=tag.name, days=days)
    return tag


@transaction.atomic
def revise_tag(
    tag: Tag,
    *,
    name: str,
    days: int | None,
    by: Staff | None,
    now: datetime,
    applies_to_holders: bool = False,
) -> Tag:
    """Rename it, or change its days; Refused as `make_tag`, and "tag_gone".

    The days hold from the next time it is given on; `applies_to_holders` counts them
    from when each member was given it last as well.
    """
    row = _held(tag)
    was = {"name": row.name, "days": row.days}
    row.name, row.days = _name(name), days
    _save(row)
    if applies_to_holders:
        _replan(row)
    if was != {"name": row.name, "days": days} or applies_to_holders:
        audit.record(
            "tag.revised", row, by=by, now=now, before=was, name=row.name, days=days,
            holders=applies_to_holders,
        )  # fmt: skip
    return row


@dataclass(frozen=True)
class TagMergePreview:
    """How many members have the one that would go, and how many of them both."""

    members: int
    both: int
    coming: int  # who would have the tag afterwards


def preview_tag_merge(tag: Tag, into: Tag) -> TagMergePreview:
    """Tell what merging would do; nothing is written. Refused as `merge_tags`."""
    _mergeable(tag, into)
    members = tag.given.count()
    both = tag.given.filter(Exists(_beside(into))).count()
    return TagMergePreview(members, both, into.given.count() + members - both)


@transaction.atomic
def merge_tags(tag: Tag, into: Tag, *, by: Staff | None, now: datetime) -> int:
    """Let the members of one tag have the other; return how many they were.

    Who has both has the sum. The name stays taken and leads to the other tag. Refused:
    "tag_same", "tag_gone" (one was merged away), "tag_archived" (the other one is).
    """
    held = {row.pk: row for row in _lock({tag.pk, into.pk})}
    tag, into = held[tag.pk], held[into.pk]
    _mergeable(tag, into)
    moved = tag.given.exclude(Exists(_beside(into))).update(tag=into)
    while pairs := _pairs(tag, into):
        absorb([kept for kept, _gone in pairs], [gone for _kept, gone in pairs])
        moved += len(pairs)
    tag.former.update(merged_into=into)
    tag.merged_into, tag.archived_at = into, tag.archived_at or now
    tag.save(update_fields=["merged_into", "archived_at"])
    audit.record("tag.merged", tag, by=by, now=now, into=into.name, members=moved)
    return moved


@transaction.atomic
def archive_tag(tag: Tag, *, by: Staff | None, now: datetime) -> Tag:
    """Offer it no more; it stays on its members. Twice changes nothing."""
    row = _held(tag)
    if row.archived_at is None:
        row.archived_at = now
        row.save(update_fields=["archived_at"])
        audit.record("tag.archived", row, by=by, now=now)
    return row


@transaction.atomic
def restore_tag(tag: Tag, *, by: Staff | None, now: datetime) -> Tag:
    """Offer it again. Refused "tag_gone" where it was merged into another."""
    row = _held(tag)
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        audit.record("tag.restored", row, by=by, now=now)
    return row


def _lock(tag_ids: set[int]) -> list[Tag]:
    """Lock tags against giving and each other, in rising order."""
    return list(Tag.objects.select_for_update().filter(pk__in=tag_ids).order_by("pk"))


def _held(tag: Tag) -> Tag:
    (row,) = _lock({tag.pk})
    if row.merged_into_id is not None:
        raise Refused("tag_gone", _("這個標籤已經併入別的標籤"))
    return row


def _mergeable(tag: Tag, into: Tag) -> None:
    if tag.pk == into.pk:
        raise Refused("tag_same", _("請選另一個標籤"))
    if tag.merged_into_id or into.merged_into_id:
        raise Refused("tag_gone", _("這個標籤已經併入別的標籤"))
    if not into.is_offered:
        raise Refused("tag_archived", _("不能併入已封存的標籤"))


def _beside(into: Tag) -> MemberTagQuerySet:
    """Return the other tag's row of the member of a row."""
    return MemberTag.objects.filter(tag=into, member=OuterRef("member"))


def _pairs(tag: Tag, into: Tag) -> list[tuple[int, int]]:
    """Return rows of the other tag and this one's of the same member, the next ones."""
    rows = tag.given.annotate(kept=Subquery(_beside(into).values("pk")))
    both = rows.filter(kept__isnull=False).order_by("pk")
    return list(both.values_list("kept", "pk")[:AT_ONCE])


def _save(tag: Tag) -> None:
    """Write it; Refused "tag_taken" where another has the name, whatever its case."""
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError as error:
        taken = Tag.objects.annotate(key=Lower("name")).filter(key=tag.name.lower())
        other = taken.exclude(pk=tag.pk).select_related("merged_into").first()
        if other is None:
            raise
        raise Refused("tag_taken", _taken(other)) from error


def _taken(other: Tag) -> str:
    if other.merged_into is not None:
        return _("「%(name)s」已經併入「%(other)s」") % {
            "name": other.name, "other": other.merged_into.name,
        }  # fmt: skip
    if not other.is_offered:
        return _("已經有「%(name)s」，它在封存的標籤裡") % {"name": other.name}
    return _("已經有「%(name)s」這個標籤") % {"name": other.name}


def _name(said: str) -> str:
    name = " ".join(clean(said).split())
    fault = rules.fault_of(name)
    if fault is not None:
        raise Refused(fault, fault_words(fault))
    return name


def fault_words(fault: rules.Fault) -> str:
    """Say why something is no name of a tag."""
    return {
        rules.Fault.EMPTY: _("請填標籤名稱"),
        rules.Fault.LONG: _("標籤最多 %(most)d 個字") % {"most": rules.LONGEST},
        rules.Fault.SEPARATOR: _("標籤名稱不能有「；」或「、」"),
    }[fault]


def _replan(tag: Tag) -> None:
    if tag.days is None:
        tag.given.update(expires_at=None)
        return
    with connection.cursor() as cursor:
        cursor.execute(REPLAN, {"tag": tag.pk, "days": tag.days})
