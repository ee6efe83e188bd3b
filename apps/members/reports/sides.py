"""Two records of one person side by side, and what a merge changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from apps.members.models import Binding, Identity, Member, Merge
from apps.members.rules import merging
from apps.stores.models import Store
from apps.ui.words import masked_phone

FIELD_WORDS: dict[str, str | Promise] = {
    "name": gettext_lazy("姓名"),
    "nickname": gettext_lazy("暱稱"),
    "phone": gettext_lazy("手機"),
    "email": gettext_lazy("電子郵件"),
    "gender": gettext_lazy("性別"),
    "birthday": gettext_lazy("生日"),
    "home_store_id": gettext_lazy("入會門市"),
    "binding": gettext_lazy("推薦人"),
    "registered_at": gettext_lazy("入會時間"),
    "stage": gettext_lazy("階段"),
}


@dataclass(frozen=True)
class Choice:
    """A field of two records: what each says, and which of them is kept.

    `is_open` tells that both say something and not the same: a person chooses.
    """

    name: str
    label: str | Promise
    keeper: str
    loser: str
    takes_loser: bool
    is_open: bool


@dataclass(frozen=True)
class Sides:
    """Two records side by side, with the keys by which each is known."""

    choices: list[Choice]
    keeper_keys: list[Identity]
    loser_keys: list[Identity]


def side_by_side(keeper: Member, loser: Member, *, take: Collection[str]) -> Sides:
    """Return what a person compares before merging."""
    bonds = {
        bond.member_id: f"{bond.staff.label} {bond.store.label}"
        for bond in Binding.objects.current()
        .filter(member__in=[keeper, loser])
        .select_related("staff", "store")
    }
    keys: dict[int, list[Identity]] = {keeper.pk: [], loser.pk: []}
    found = Identity.objects.filter(member__in=[keeper, loser])
    for key in found.select_related("account").order_by("kind", "pk"):
        keys[key.member_id].append(key)
    choices = []
    for name in (*merging.FIELDS, merging.BINDING):
        mine, theirs = (
            bonds.get(member.pk, "") if name == merging.BINDING
            else words_of(name, getattr(member, name))
            for member in (keeper, loser)
        )  # fmt: skip
        if mine or theirs:
            choices.append(
                Choice(
                    name=name,
                    label=FIELD_WORDS[name],
                    keeper=mine,
                    loser=theirs,
                    takes_loser=bool(theirs) and (name in take or not mine),
                    is_open=bool(mine and theirs and mine != theirs),
                )
            )
    return Sides(choices, keys[keeper.pk], keys[loser.pk])


@dataclass(frozen=True)
class Changed:
    """A field of the keeper that a merge changed."""

    label: str | Promise
    before: str
    after: str


def changed_fields(merge: Merge) -> list[Changed]:
    """Return what the merge changed of the keeper's card."""
    return [
        Changed(
            FIELD_WORDS[name],
            words_of(name, merge.before[name]),
            words_of(name, after),
        )
        for name, after in merge.after.items()
        if name != "registered_at"
    ]


def words_of(name: str, value: Any) -> str:
    """Return a field's value as a person reads it; telephone numbers masked."""
    if not value:
        return ""
    match name:
        case "phone":
            return masked_phone(value)
        case "gender":
            return str(Member.Gender(value).label)
        case "stage":
            return str(Member.Stage(value).label)
        case "birthday":
            day = date.fromisoformat(value) if isinstance(value, str) else value
            return date_format(day, "Y/m/d")
        case "home_store_id":
            return Store.objects.get(pk=value).label
        case _:
            return str(value)
