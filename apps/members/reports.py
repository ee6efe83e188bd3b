"""Figures of bonds, and two records of one person side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.members.models import Binding, Consent, Identity, Member, Merge, Note
from apps.members.rules import merging
from apps.members.services import consents, notes
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.words import masked_phone

NOTES = 50

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
class BindingCount:
    """The bonds of a salesperson at a store on a day (Taipei) by one way.

    `customers` are distinct people bound for the first time in their life; `rebinds`
    are bonds of people who had one before, which would inflate the first figure
    (features A5).
    """

    day: date
    store_id: int
    staff_id: int
    source: str
    customers: int
    rebinds: int


def binding_counts(
    *,
    since: date,
    until: date,
    staff_ids: Sequence[int] | None = None,
    store_ids: Sequence[int] | None = None,
) -> list[BindingCount]:
    """Count the bonds that began from `since` until the day before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (lower(b.period) at time zone 'Asia/Taipei')::date as day,
                   b.store_id, b.staff_id, b.source,
                   count(*) filter (where not earlier.was) as customers,
                   count(*) filter (where earlier.was) as rebinds
            from members_binding b
            cross join lateral (
                select exists (
                    select 1 from members_binding e
                    where e.member_id = b.member_id
                      and lower(e.period) < lower(b.period)
                ) as was
            ) as earlier
            where lower(b.period) >= %(since)s and lower(b.period) < %(until)s
              and (%(staff)s::bigint[] is null or b.staff_id = any(%(staff)s))
              and (%(store)s::bigint[] is null or b.store_id = any(%(store)s))
            group by 1, 2, 3, 4
            order by 1, 2, 3, 4
            """,
            {
                "since": clock.start_of(since),
                "until": clock.start_of(until),
                "staff": None if staff_ids is None else list(staff_ids),
                "store": None if store_ids is None else list(store_ids),
            },
        )
        return [BindingCount(*row) for row in cursor.fetchall()]


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


@dataclass(frozen=True)
class ConsentLine:
    """What stands for one channel: the latest answer per purpose, None for silence."""

    channel: str
    label: str
    marketing: Consent | None
    service: Consent | None

    @property
    def is_on(self) -> bool:
        """Tell whether news may be sent there; silence is no."""
        return self.marketing is not None and self.marketing.is_granted


def consent_lines(member: Member) -> list[ConsentLine]:
    """Return the present answers of every channel, in one query."""
    stands = consents.consent_of([member.pk])[member.pk]
    return [
        ConsentLine(
            channel,
            str(label),
            stands.get((channel, Consent.Purpose.MARKETING)),
            stands.get((channel, Consent.Purpose.SERVICE)),
        )
        for channel, label in Consent.Channel.choices
    ]


@dataclass(frozen=True)
class NoteLine:
    """A note and what the reader may do with it."""

    note: Note
    can_edit: bool
    can_hide: bool


def note_lines(member: Member, *, viewer: Staff, now: datetime) -> list[NoteLine]:
    """Return the member's latest notes, the pinned first, in one query."""
    shown = Note.objects.visible_to(viewer).filter(member=member).shown()
    return [
        NoteLine(
            note,
            can_edit=notes.may_edit(note, viewer, now=now),
            can_hide=notes.may_hide(note, viewer),
        )
        for note in shown.select_related("author")[:NOTES]
    ]
