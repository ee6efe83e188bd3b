"""How tags follow a merge of members: who had a tag twice has the sum of both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.dateparse import parse_datetime

from apps.members.models import Member, MemberTag, MergedRow, TagDay
from apps.members.rules import tags as rules
from apps.members.services import movers
from apps.members.services.movers import Field, Merging, Words
from apps.members.services.tag_rows import absorb, hold

MODEL = "members.MemberTag"
MOVED, SUMMED = "member", "summed"
MOMENTS = ("first_at", "last_at", "expires_at")


@dataclass(frozen=True)
class Tags:
    """Tags that the keeper has not become the keeper's; those of both are summed.

    What the loser's row was is kept with the merge, so that undoing makes it again,
    the same row, and takes its share off the keeper's.
    """

    label: Words
    covers: frozenset[Field] = frozenset({(MODEL, "member")})

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many tags the loser has."""
        return MemberTag.objects.filter(member=loser).count()

    def move(self, merging: Merging) -> int:
        """Give the keeper the loser's tags."""
        theirs = MemberTag.objects.filter(member=merging.loser).order_by("pk")
        hold(theirs.values_list("tag", flat=True))
        held = {
            row.tag_id: row for row in MemberTag.objects.filter(member=merging.keeper)
        }
        rows = list(theirs)
        alone = [row.pk for row in rows if row.tag_id not in held]
        movers.record(merging.merge, MODEL, MOVED, alone)
        MemberTag.objects.filter(pk__in=alone).update(member=merging.keeper)
        both = [(held[row.tag_id], row) for row in rows if row.tag_id in held]
        self._sum(merging, both)
        return len(rows)

    def _sum(self, merging: Merging, both: list[tuple[MemberTag, MemberTag]]) -> None:
        before = {mine.pk: _given(mine) for mine, _theirs in both}
        days = _days_of([theirs.pk for _mine, theirs in both])
        absorb([mine.pk for mine, _ in both], [theirs.pk for _, theirs in both])
        after = MemberTag.objects.in_bulk(before)
        MergedRow.objects.bulk_create(
            MergedRow(
                merge=merging.merge,
                model=MODEL,
                field=SUMMED,
                row_id=mine.pk,
                was={
                    "before": _as_text(before[mine.pk]),
                    "after": _as_text(_given(after[mine.pk])),
                    "other": _as_text(_given(theirs)),
                    "row": {
                        "id": theirs.pk,
                        "tag": theirs.tag_id,
                        "occasion": theirs.occasion,
                    },
                    "days": days.get(theirs.pk, {}),
                },
            )
            for mine, theirs in both
        )

    def undo(self, merging: Merging) -> None:
        """Give back what moved and is still the keeper's, and take sums apart."""
        moved = movers.recorded(merging.merge, MODEL, MOVED)
        MemberTag.objects.filter(pk__in=moved, member=merging.keeper).update(
            member=merging.loser
        )
        for row in merging.merge.rows.filter(model=MODEL, field=SUMMED):
            _part(row.row_id, row.was, merging.keeper)
            _make_again(row.was, merging.loser)


def _part(pk: int, was: dict[str, Any], keeper: Member) -> None:
    """Take the other's share off the keeper's row, if there still is one."""
    mine = MemberTag.objects.select_for_update().filter(pk=pk, member=keeper).first()
    if mine is None:
        return
    left = rules.apart(
        _given(mine),
        before=_from_text(was["before"]),
        after=_from_text(was["after"]),
        other=_from_text(was["other"]),
    )
    for name, value in asdict(left).items():
        setattr(mine, name, value)
    mine.save()
    for day, count in was["days"].items():
        theirs = TagDay.objects.filter(given=mine, day=date.fromisoformat(day))
        theirs.filter(count__lte=count).delete()
        theirs.update(count=F("count") - count)


def _make_again(was: dict[str, Any], loser: Member) -> None:
    """Write the loser's row as it was, under its own key."""
    row = was["row"]
    given = asdict(_from_text(was["other"]))
    tag = hold([row["tag"]])[row["tag"]]
    if MemberTag.objects.filter(member=loser, tag=tag).exists():
        return
    made = MemberTag(
        pk=row["id"], member=loser, tag=tag, occasion=row["occasion"], **given
    )
    made.save(force_insert=True)
    TagDay.objects.bulk_create(
        TagDay(given=made, day=date.fromisoformat(day), count=count)
        for day, count in was["days"].items()
    )


def _days_of(ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for given, day, count in TagDay.objects.filter(given__in=ids).values_list(
        "given", "day", "count"
    ):
        found.setdefault(given, {})[day.isoformat()] = count
    return found


def _given(row: MemberTag) -> rules.Given:
    return rules.Given(row.count, row.first_at, row.last_at, row.expires_at, row.source)


def _as_text(given: rules.Given) -> dict[str, Any]:
    facts = asdict(given)
    return facts | {name: _iso(facts[name]) for name in MOMENTS}


def _from_text(facts: dict[str, Any]) -> rules.Given:
    read = {name: facts[name] and parse_datetime(facts[name]) for name in MOMENTS}
    return rules.Given(**(facts | read))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
