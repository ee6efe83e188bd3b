"""The customer's own profile: what they write, and how whole it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock
from apps.core.errors import Refused
from apps.imports.rules import values
from apps.imports.rules.values import Unreadable
from apps.members.errors import wrong_answer
from apps.members.models import Attribute, AttributeValue, Member
from apps.members.rules import attributes as rules
from apps.members.rules import profile
from apps.members.rules.attributes import Fault
from apps.members.rules.profile import Progress
from apps.members.services import aliases, answers, steps

OLDEST = date(1900, 1, 1)
SOURCE = "member_page"
FIELDS = ("name", "email", "gender", "birthday")


@dataclass(frozen=True)
class ProfileIn:
    """What the customer wrote; the answers to HQ's own questions by key."""

    name: str
    email: str = ""
    gender: str = ""
    birthday: str = ""  # as it is typed; empty leaves it as it is
    answers: Mapping[str, object] = field(default_factory=dict)


class ProfileRefused(Refused):
    """Some fields are wrong; `faults` says of each, by its name, why."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("profile", _("還有幾個地方要改，改好再儲存一次"))
        self.faults = faults


@transaction.atomic
def save_profile(member: Member, said: ProfileIn, *, now: datetime) -> Member:
    """Write what the customer said of themselves; ProfileRefused names every fault.

    The birthday is theirs to say once. The e-mail is where to reach them and no key:
    nobody proved that it is theirs. The telephone is proved elsewhere.
    """
    pk = aliases.hold([member.pk])[member.pk]
    member = Member.objects.select_for_update(no_key=True).get(pk=pk)
    if faults := _faults(member, said, today=clock.day_of(now)):
        raise ProfileRefused(faults)
    before = {name: getattr(member, name) for name in FIELDS}
    member.name = _bare(said.name)[:60]
    member.email = _bare(said.email).lower()
    member.gender = said.gender
    member.birthday = member.birthday or _day(said.birthday)
    changed = {
        name: [was, getattr(member, name)]
        for name, was in before.items()
        if was != getattr(member, name)
    }
    member.save(update_fields=list(FIELDS))
    if changed:
        audit.record("profile.saved", member, by=None, now=now, **changed)
    answers.set_values(
        {member.pk: said.answers}, by=None, source=SOURCE, is_customer=True, now=now
    )
    steps.note([member.pk], now=now)
    return member


def progress_of(member: Member) -> Progress:
    """Return how far the member's profile is; two queries."""
    filled = {name: bool(getattr(member, name)) for name in profile.CARD}
    required = Attribute.objects.filter(is_required=True, archived_at=None)
    answered = AttributeValue.objects.filter(member=member).values_list("attribute_id")
    has = {pk for (pk,) in answered}
    for pk, key in required.values_list("pk", "key"):
        filled[f"attr:{key}"] = pk in has
    return profile.progress(filled)


def _faults(member: Member, said: ProfileIn, *, today: date) -> dict[str, str]:
    wrongs = {
        "name": _("請填姓名") if not _bare(said.name) else "",
        "email": _wrong_email(_bare(said.email)),
        "gender": _("請從選項裡選") if said.gender not in Member.Gender.values else "",
        "birthday": _wrong_birthday(member, said.birthday, today),
    }
    asked = answers.questions()
    for key, raw in said.answers.items():
        read = rules.read_all({key: raw}, asked, audience=rules.CUSTOMER)
        if isinstance(read, Fault):
            wrongs[f"attr:{key}"] = wrong_answer(read.wrong)
    return {name: why for name, why in wrongs.items() if why}


def _wrong_email(email: str) -> str:
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError:
        return _("電子郵件看起來不對，像 name@example.com")
    return _("電子郵件太長了") if len(email) > 254 else ""


def _wrong_birthday(member: Member, raw: str, today: date) -> str:
    try:
        day = _day(raw)
    except Unreadable:
        return _("看不出日期，請寫成 1990/3/5")
    if day is None or day == member.birthday:
        return ""
    if member.birthday is not None:
        return _("生日填過就不能自己改，請傳訊息給我們")
    return "" if OLDEST <= day <= today else _("生日要在今天以前")


def _day(raw: str) -> date | None:
    return values.day(raw) if raw.strip() else None


def _bare(text: str) -> str:
    return text.replace("\x00", "").strip()
