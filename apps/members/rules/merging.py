"""What a merged person's card says, whose bond holds, and until when to undo it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

# What a person may choose from either side.
FIELDS = ("name", "nickname", "phone", "email", "gender", "birthday", "home_store_id")
BINDING = "binding"
CHOICES = frozenset({*FIELDS, BINDING})


@dataclass(frozen=True)
class Card:
    """One side of a merge: what may be chosen, and since when they are a member."""

    fields: Mapping[str, Any]
    registered_at: datetime | None


def changes(keeper: Card, loser: Card, *, take: Collection[str]) -> dict[str, Any]:
    """Return what of the keeper's card changes.

    `take` names what was chosen from the loser; besides, what the keeper lacks is
    filled. Whoever of the two registered, the person is a member, since the earlier of
    the days.
    """
    changed = {
        name: loser.fields[name]
        for name in FIELDS
        if loser.fields[name]
        and (name in take or not keeper.fields[name])
        and loser.fields[name] != keeper.fields[name]
    }
    days = [at for at in (keeper.registered_at, loser.registered_at) if at]
    since = min(days, default=None)
    if since != keeper.registered_at:
        changed["registered_at"] = since
    if keeper.registered_at is None and since is not None:
        changed["stage"] = "registered"
    return changed


class Bond(StrEnum):
    """Which bond the merged person has."""

    NONE = "none"
    KEEPERS = "keepers"
    LOSERS = "losers"


def bond(*, keeper_bound: bool, loser_bound: bool, take: Collection[str]) -> Bond:
    """Return whose bond holds: the keeper's, unless it has none or was not chosen."""
    if loser_bound and (BINDING in take or not keeper_bound):
        return Bond.LOSERS
    return Bond.KEEPERS if keeper_bound else Bond.NONE


class Late(StrEnum):
    """Why a merge can no longer be undone."""

    UNDONE = "undone"
    TOO_LATE = "too_late"
    MERGED_ON = "merged_on"


@dataclass(frozen=True)
class Past:
    """What happened to a merge since."""

    merged_at: datetime
    is_undone: bool
    keeper_is_alias: bool


def why_not_undo(past: Past, *, now: datetime, within: timedelta) -> Late | None:
    """Return why the merge cannot be undone, None where it can."""
    if past.is_undone:
        return Late.UNDONE
    if past.keeper_is_alias:
        return Late.MERGED_ON
    if now - past.merged_at > within:
        return Late.TOO_LATE
    return None
