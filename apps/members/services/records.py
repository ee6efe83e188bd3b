"""A person as a system or a file tells it: by which keys, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Literal

from apps.core import clock
from apps.members import phones
from apps.members.models import Identity, Member
from apps.members.models.person import LOCAL_KINDS
from apps.members.rules import tags
from apps.members.rules.attributes import MACHINE, Answer, Fault, Question, read_all
from apps.members.services.answers import questions
from apps.members.services.identification import CustomerKeys, Keys, card_number
from apps.staff.models import Posting, Staff
from apps.stores.models import Store

Status = Literal["new", "changed", "unchanged", "rejected"]
Key = tuple[str, str, str]  # kind, system, value
OLDEST = date(1900, 1, 1)


@dataclass(frozen=True)
class MemberIn(Keys):
    """What is said of a person; anything may be missing, but not every key."""

    gender: str = ""
    birthday: date | None = None
    registered_at: datetime | None = None
    is_registered: bool = True
    store_code: str = ""  # where they joined
    staff_code: str = ""  # who serves them, at `store_code`
    # Whether they want to hear of offers, by channel.
    marketing: Mapping[str, bool] = field(default_factory=dict)
    # Answers to HQ's own questions, by key; an empty one takes the answer away.
    attributes: Mapping[str, object] = field(default_factory=dict)
    # Names of tags; None says nothing of them.
    tags: Sequence[str] | None = None


@dataclass(frozen=True)
class Upserted:
    """What became of a row. `code` says why it was refused, or what to look at."""

    status: Status
    member_id: int | None = None
    matched_by: str = ""  # the kind of key, "" for somebody new
    field: str = ""
    code: str = ""
    tags_removed: int = 0


@dataclass(frozen=True)
class Places:
    """The stores and people that a batch names, by their codes."""

    stores: Mapping[str, int]
    staff: Mapping[str, int]
    postings: frozenset[tuple[int, int]]  # of today: staff, store
    asked: Mapping[str, Question]  # HQ's own questions


def look_up(batch: Sequence[MemberIn], today: date) -> Places:
    """Return the stores, people and postings that the rows name."""
    stores = Store.objects.filter(code__in={row.store_code for row in batch})
    staff = Staff.objects.filter(code__in={row.staff_code for row in batch})
    people = dict(staff.values_list("code", "pk"))
    serving = Posting.objects.on(today).filter(staff__in=people.values())
    return Places(
        dict(stores.values_list("code", "pk")),
        people,
        frozenset(serving.values_list("staff_id", "store_id")),
        questions() if any(row.attributes for row in batch) else {},
    )


def fault_of(
    row: MemberIn, places: Places, system: str, now: datetime
) -> tuple[str, str] | None:
    """Return the field and the code of the first thing wrong with the row."""
    checks = (
        ("phone", "phone", bool(row.phone) and phones.parsed(row.phone) is None),
        ("email", "email", bool(row.email) and "@" not in row.email.strip("@")),
        ("gender", "gender", row.gender not in Member.Gender.values),
        ("birthday", "birthday", not _is_past_day(row.birthday, clock.day_of(now))),
        ("registered_at", "registered_at", (row.registered_at or now) > now),
        ("store_code", "store_code", not _known(row.store_code, places.stores)),
        ("staff_code", "staff_code", not _known(row.staff_code, places.staff)),
        ("staff_code", "posting", not _serves(row, places)),
        ("tags", "tags", any(tags.fault_of(name) for name in row.tags or ())),
        ("phone", "no_key", not (row.line_user_id or own_keys(row, system))),
    )  # fmt: skip
    found = ((name, code) for name, code, is_wrong in checks if is_wrong)
    return next(found, None) or _wrong_answer(row, places)


def answers_of(row: MemberIn, places: Places) -> dict[int, Answer] | Fault:
    """Read the row's answers to HQ's own questions, or say which one is wrong."""
    return read_all(row.attributes, places.asked, audience=MACHINE)


def _wrong_answer(row: MemberIn, places: Places) -> tuple[str, str] | None:
    answers = answers_of(row, places)
    if isinstance(answers, Fault):
        return f"attr:{answers.key}", answers.wrong
    return None


def _is_past_day(day: date | None, today: date) -> bool:
    return day is None or OLDEST <= day <= today


def _known(code: str, codes: Mapping[str, int]) -> bool:
    return not code or code in codes


def _serves(row: MemberIn, places: Places) -> bool:
    if not row.staff_code:
        return True
    place = (places.staff.get(row.staff_code, 0), places.stores.get(row.store_code, 0))
    return place in places.postings


def keys_of(row: MemberIn, system: str) -> CustomerKeys:
    """Return what the member is to be found by."""
    own = {each.name: getattr(row, each.name) for each in fields(Keys)}
    return CustomerKeys(**own, system=system)


def own_keys(row: MemberIn, system: str) -> list[Key]:
    """Return the keys that may be added to the member; a LINE id is met by LINE."""
    offered = [
        (Identity.Kind.PHONE, phones.parsed(row.phone) or ""),
        (Identity.Kind.CARD, card_number(row.card)),
        (Identity.Kind.SHOP, row.shop_id.strip()),
        (Identity.Kind.APP, row.app_id.strip()),
        (Identity.Kind.POS, row.pos_id.strip()),
        (Identity.Kind.EMAIL, row.email.strip().lower()),
    ]
    return [
        (str(kind), system if kind in LOCAL_KINDS else "", value[:120])
        for kind, value in offered
        if value and (system or kind not in LOCAL_KINDS)
    ]
