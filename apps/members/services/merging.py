"""Merge two records of one person, and take it back within some days.

The loser's row stays as an alias. What moves is decided by the movers that each room
registered (`services.movers`); every row that moves is recorded, so that undoing finds
exactly those again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.errors import Refused
from apps.members.models import Member, Merge
from apps.members.rules import merging as rules
from apps.members.rules.merging import Late
from apps.members.services import bindings, conflicts, movers
from apps.members.services.movers import Merging
from apps.staff.models import Staff

UNDO_DAYS = 30


@dataclass(frozen=True)
class Moving:
    """So many of something would move, or moved."""

    label: str | Promise
    count: int


@dataclass(frozen=True)
class Preview:
    """What a merge would do: the keeper's fields that change, and what moves."""

    changes: dict[str, Any]
    moving: list[Moving]
    bond: rules.Bond


def preview(keeper: Member, loser: Member, *, take: Collection[str] = ()) -> Preview:
    """Tell what merging would do; nothing is written. Refused as `merge` refuses."""
    _mergeable(keeper, loser)
    counted = [
        Moving(each.label, each.foresee(keeper, loser)) for each in movers.MOVERS
    ]
    return Preview(
        changes=rules.changes(_card(keeper), _card(loser), take=take),
        moving=[each for each in counted if each.label and each.count],
        bond=rules.bond(
            keeper_bound=bindings.current_binding(keeper) is not None,
            loser_bound=bindings.current_binding(loser) is not None,
            take=take,
        ),
    )


@transaction.atomic
def merge(
    keeper: Member,
    loser: Member,
    *,
    by: Staff | None,
    now: datetime,
    take: Collection[str] = (),
) -> Merge:
    """Make the loser an alias of the keeper, who gets all that is the loser's.

    `take` names fields (`rules.FIELDS`), and "binding", that are taken from the loser
    where both have one. Refused: "same", "merged" (one of them is an alias already).
    """
    keeper, loser = _hold(keeper, loser)
    _mergeable(keeper, loser)
    changed = rules.changes(_card(keeper), _card(loser), take=take)
    merge = Merge.objects.create(
        keeper=keeper,
        loser=loser,
        before={name: _text(getattr(keeper, name)) for name in changed},
        after={name: _text(value) for name, value in changed.items()},
        merged_at=now,
        merged_by=by,
    )
    _write(keeper, changed)
    loser.merged_into = keeper
    loser.save(update_fields=["merged_into"])
    under_way = Merging(merge, keeper, loser, now, frozenset(take))
    counted = [(mover, mover.move(under_way)) for mover in movers.MOVERS]
    merge.moved = {str(mover.label): n for mover, n in counted if mover.label and n}
    merge.save(update_fields=["moved"])
    conflicts.settle((keeper.pk, loser.pk), by=by, now=now)
    audit.record("member.merged", keeper, by=by, now=now, merge=merge.pk,
                 loser=loser.pk, number=loser.number)  # fmt: skip
    return merge


@transaction.atomic
def undo_merge(merge: Merge, *, by: Staff, now: datetime) -> Merge:
    """Make two of one again, each with what they had; doing it twice changes nothing.

    What came after the merge stays with the keeper, and so does a field that was
    changed since. Refused: "too_late" after MERGE_UNDO_DAYS, "merged_on" where the
    keeper was merged into another since, and whatever a mover refuses.
    """
    keeper, loser = _hold(merge.keeper, merge.loser)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    reason = why_not_undo(merge, keeper=keeper, now=now)
    if reason is Late.UNDONE:
        return merge
    if reason is not None:
        raise Refused(reason, late_words(reason))
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    Merge.objects.filter(pk=merge.pk).update(transaction=RawSQL("txid_current()", []))
    loser.merged_into = None
    loser.save(update_fields=["merged_into"])
    _write(keeper, _unchanged_since(merge, keeper))
    for mover in movers.MOVERS:
        mover.undo(Merging(merge, keeper, loser, now))
    conflicts.reopen((keeper.pk, loser.pk), now=now)
    audit.record("member.unmerged", keeper, by=by, now=now, merge=merge.pk,
                 loser=loser.pk)  # fmt: skip
    return merge


def why_not_undo(merge: Merge, *, keeper: Member, now: datetime) -> Late | None:
    """Return why the merge cannot be undone now, as far as members can tell."""
    past = rules.Past(
        merged_at=merge.merged_at,
        is_undone=merge.undone_at is not None,
        keeper_is_alias=keeper.merged_into_id is not None,
    )
    return rules.why_not_undo(past, now=now, within=undo_within())


def undo_within() -> timedelta:
    """Return for how long a merge can be undone."""
    return timedelta(days=getattr(settings, "MERGE_UNDO_DAYS", UNDO_DAYS))


def late_words(reason: Late) -> str:
    """Say why a merge can no longer be undone."""
    return {
        Late.UNDONE: _("這次合併已經還原了。"),
        Late.TOO_LATE: _("合併超過 %(days)s 天，不能還原了。")
        % {"days": undo_within().days},
        Late.MERGED_ON: _("這位會員後來又併入另一位，請先還原後來的合併。"),
    }[reason]


def _mergeable(keeper: Member, loser: Member) -> None:
    if keeper.pk == loser.pk:
        raise Refused("same", _("這是同一筆資料，不用合併。"))
    if keeper.merged_into_id or loser.merged_into_id:
        raise Refused("merged", _("其中一筆剛剛已經合併到別的會員了。"))


def _hold(keeper: Member, loser: Member) -> tuple[Member, Member]:
    """Lock both, and read them as they are now.

    The bonds' locks first, as `bind` takes them; the rows' locks keep out whoever is
    about to write something of theirs, orders above all. In rising order, so that two
    merges cannot wait for each other.
    """
    for pk in sorted({keeper.pk, loser.pk}):
        bindings.hold(pk)
    rows = Member.objects.select_for_update().filter(pk__in=[keeper.pk, loser.pk])
    held = {member.pk: member for member in rows.order_by("pk")}
    return held[keeper.pk], held[loser.pk]


def _card(member: Member) -> rules.Card:
    fields = {name: getattr(member, name) for name in rules.FIELDS}
    return rules.Card(fields, member.registered_at)


def _write(member: Member, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        setattr(member, name, value)
    if changed:
        member.save(update_fields=[name.removesuffix("_id") for name in changed])


def _unchanged_since(merge: Merge, keeper: Member) -> dict[str, Any]:
    """Return the keeper's fields as before, those that are still as merged."""
    return {
        name: _value(name, was)
        for name, was in merge.before.items()
        if _text(getattr(keeper, name)) == merge.after[name]
    }


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _value(name: str, text: Any) -> Any:
    if text and name == "birthday":
        return date.fromisoformat(text)
    if text and name == "registered_at":
        return datetime.fromisoformat(text)
    return text
