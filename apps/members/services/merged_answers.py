"""How answers to HQ's questions follow a merge: of two the newer one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, QuerySet, When

from apps.members.models import AttributeValue, Member
from apps.members.services import movers
from apps.members.services.answers import COLUMNS
from apps.members.services.movers import Field, Merging, Words

MODEL = "members.AttributeValue"


@dataclass(frozen=True)
class Answers:
    """The loser's answers become the keeper's, but for those the keeper gave later.

    Where both answered, the two rows change places: nothing is lost, and undoing finds
    the loser's answer again, even where the keeper has answered anew since.
    """

    label: Words
    covers: frozenset[Field] = frozenset({(MODEL, "member")})

    def foresee(self, keeper: Member, loser: Member) -> int:
        """Return how many become the keeper's."""
        return len(_newer(keeper, loser))

    def move(self, merging: Merging) -> int:
        """Let the newer answers be the keeper's, each with what it was."""
        moving = _newer(merging.keeper, merging.loser)
        for row in moving:
            movers.record(merging.merge, MODEL, "member", [row.pk], _as_text(row))
        _swap(merging.keeper, merging.loser, [row.attribute_id for row in moving])
        return len(moving)

    def undo(self, merging: Merging) -> None:
        """Give back what moved; what was answered since stays the keeper's."""
        rows = merging.merge.rows.filter(model=MODEL)
        was = {row.was["attribute_id"]: row.was for row in rows}
        same = [
            row.attribute_id
            for row in _of(merging.keeper).filter(attribute__in=was)
            if _as_text(row) == was[row.attribute_id]
        ]
        _swap(merging.keeper, merging.loser, same)
        lost = {pk: facts for pk, facts in was.items() if pk not in same}
        _of(merging.loser).filter(attribute__in=lost).delete()
        AttributeValue.objects.bulk_create(
            _from_text(merging.loser, facts) for facts in lost.values()
        )


def _of(member: Member) -> QuerySet[AttributeValue]:
    return AttributeValue.objects.filter(member=member)


def _newer(keeper: Member, loser: Member) -> list[AttributeValue]:
    """Return the loser's answers that the keeper has none of, or an older one."""
    mine = dict(_of(keeper).values_list("attribute_id", "set_at"))
    return [
        row
        for row in _of(loser).order_by("pk")
        if row.attribute_id not in mine or row.set_at > mine[row.attribute_id]
    ]


def _swap(one: Member, other: Member, attribute_ids: list[int]) -> None:
    """Exchange both members' answers to the questions, in one statement."""
    rows = AttributeValue.objects.filter(
        member__in=[one, other], attribute__in=attribute_ids
    )
    rows.update(member=Case(When(member=one, then=other.pk), default=one.pk))


def _as_text(row: AttributeValue) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    facts["number"] = None if row.number is None else str(row.number)
    facts["day"] = None if row.day is None else row.day.isoformat()
    return {
        **facts,
        "attribute_id": row.attribute_id,
        "kind": row.kind,
        "source": row.source,
        "set_by_id": row.set_by_id,
        "set_at": row.set_at.isoformat(),
    }


def _from_text(member: Member, facts: dict[str, Any]) -> AttributeValue:
    number, day = facts["number"], facts["day"]
    read = {
        "number": None if number is None else Decimal(number),
        "day": None if day is None else date.fromisoformat(day),
        "set_at": datetime.fromisoformat(facts["set_at"]),
    }
    return AttributeValue(member=member, **facts | read)
