"""Members as shops, apps and tills know them: sent, looked up, linked to an id.

Annotations are real here, not postponed: see `orders`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Path, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import WrapValidator

from apps.core import clock
from apps.gateway.api import people
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import (
    MOST_ROWS,
    PRINTABLE,
    Customer,
    Moment,
    Name,
    Unreadable,
    or_unreadable,
    text_of,
)
from apps.members import phones
from apps.members import services as members
from apps.members.models import Identity, Member
from apps.members.models.person import LOCAL_KINDS
from apps.members.reports import answers_by_key
from apps.ui.words import masked_phone

router = Router(tags=["Members"])
WRITE = ApiKeyAuth("members:write")
READ = ApiKeyAuth("members:read")
WHY: Mapping[str, str] = {
    "phone": "is no telephone number",
    "email": "is no e-mail address",
    "gender": "must be female, male, other or empty",
    "birthday": "must be a day of the past",
    "registered_at": "lies in the future",
    "store_code": "no such store is known",
    "staff_code": "no such salesperson is known",
    "posting": "the salesperson does not serve at store_code today",
    "no_key": "a phone, card, e-mail or other id is needed",
    "tags": "a tag is too long, or holds a separator (; or 、)",
    "tag_archived": "a tag is archived and was not given",
    "conflict": "its keys lead to several members; a person will review it",
    "bound": "somebody else serves this member already and goes on doing so",
    "attr_unknown": "HQ asks no such thing",
    "attr_long": "is longer than 300 characters",
    "attr_number": "is no number, or has more than four decimals",
    "attr_date": "is no day such as 2026-03-05",
    "attr_yes_no": "must be true or false",
    "attr_choice": "is none of the choices, by their labels",
    "attr_one": "only one may be chosen",
}
System = Annotated[str, text_of(40, "Whose ids shop_id, app_id and pos_id are", 0)]
AttributeKey = Annotated[str, text_of(30, "The key of a question of HQ's")]
Label = Annotated[str, text_of(300, "A text, a day, or the label of a choice", 0)]
Said = Label | bool | int | float | None


class MemberRow(Customer):
    """What is said of a person; what is left out stays as it is."""

    external_id: Annotated[str, text_of(60, "Your name of the row, given back", 0)] = ""
    email: Name = Field("", max_length=120)
    gender: Literal["", "female", "male", "other"] = ""
    birthday: date | None = None
    registered_at: Moment | None = None
    is_registered: bool = Field(
        default=True, description="False for one who only left a key"
    )
    store_code: Annotated[str, text_of(20, "Where they joined", 0)] = ""
    staff_code: Annotated[str, text_of(20, "Who serves them, at store_code", 0)] = ""
    marketing: dict[Literal["line", "sms", "email", "phone"], bool] = Field(
        default={}, description="Whether they want to hear of offers, by channel"
    )
    attributes: dict[AttributeKey, Said | list[Said]] = Field(
        default={},
        max_length=100,
        description=(
            "Answers to HQ's own questions, by key: text, number, day, true or false, "
            "the label of a choice, or a list of them; empty takes the answer away"
        ),
    )
    tags: list[Annotated[str, text_of(30, "A tag; one that is unknown is made")]] = (
        Field(
            default=[],
            max_length=50,
            description="Tags that they have; sent again, no count rises",
        )
    )


class Members(Schema):
    """A batch of members of one system."""

    system: System = ""
    members: list[Annotated[MemberRow, WrapValidator(or_unreadable)]] = Field(
        min_length=1, max_length=MOST_ROWS
    )


class MemberResult(Schema):
    """What became of a row; `why` says what was refused, or what to look at."""

    external_id: str
    status: Literal["new", "changed", "unchanged", "rejected"]
    number: str | None = Field(default=None, description="The member's number")
    matched_by: str | None = Field(
        default=None, description="The kind of key that matched"
    )
    code: str | None = None
    field: str | None = None
    why: str | None = None


class MemberResults(Schema):
    """One result for each row, in the order they were sent."""

    results: list[MemberResult]


class KnownBy(Schema):
    """A key by which a system knows the member; phone and e-mail are masked."""

    kind: str
    system: str
    value: str


class Found(Schema):
    """A member, with what identifies them masked."""

    number: str
    name: str
    phone: str
    stage: str
    identities: list[KnownBy]
    attributes: dict[str, str | float | bool | list[str]] = Field(
        description="Answers to HQ's own questions, by key"
    )


class NewKey(Schema):
    """An id by which a system knows the member."""

    kind: Literal["phone", "card", "shop", "app", "pos", "email"]
    value: Annotated[str, text_of(120, "The id")]
    system: System = ""


class Linked(Schema):
    """Whose the key is now."""

    number: str
    kind: str
    system: str


@router.post(
    "members",
    auth=WRITE,
    response={200: MemberResults, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_members(
    request: KeyedRequest, batch: Members, idempotency_key: IdempotencyKey = None
) -> MemberResults:
    """Send members, new and changed ones; each row has a result of its own.

    Found by LINE id, phone, card, shop, app and till id, then e-mail. A key that is
    somebody else's is never taken. A rejected row does not keep the others out.
    """
    rows = [row for row in batch.members if not isinstance(row, Unreadable)]
    done = members.upsert(
        [_member_in(row) for row in rows],
        now=clock.now(),
        system=batch.system,
        source="api",
    )
    met = {each.member_id for each in done if each.member_id}
    numbers = dict(Member.objects.filter(pk__in=met).values_list("pk", "number"))
    answers = iter(done)
    return MemberResults(
        results=[
            _unread(row)
            if isinstance(row, Unreadable)
            else _result(row, next(answers), numbers)
            for row in batch.members
        ]
    )


@router.get(
    "members/lookup",
    auth=READ,
    response={200: Found, **faults(401, 403, 404, 422, 429)},
)
def look_up_member(
    request: HttpRequest,
    number: people.Number = None,
    card: people.Card = None,
    phone: people.Phone = None,
    email: Annotated[str | None, Query(max_length=120, pattern=PRINTABLE)] = None,
    shop_id: Annotated[str | None, Query(max_length=120, pattern=PRINTABLE)] = None,
    system: Annotated[str, Query(max_length=40, pattern=PRINTABLE)] = "",
) -> Found:
    """Look a member up by one key; `shop_id` is an id of `system`.

    Name, phone and e-mail are masked: enough to recognise, too little to collect.
    """
    if not (number or card or phone or email or shop_id):
        raise HttpError(422, "Name one key: number, card, phone, email or shop_id.")
    found = people.find(number=number, card=card, phone=phone)
    if not (number or card or phone):
        kind, value = ("email", (email or "").strip().lower())
        if shop_id:
            kind, value = "shop", shop_id.strip()
        system = system if shop_id else ""
        found = members.find_by_key(kind, value, system=system)
    if found is None:
        raise Http404
    return _shown(found)


@router.post(
    "members/{number}/identities",
    auth=WRITE,
    response={200: Linked, **faults(*SENDING, 404)},
)
@once
def link_identity(
    request: KeyedRequest,
    number: Annotated[str, Path(max_length=20, pattern=PRINTABLE)],
    key: NewKey,
    idempotency_key: IdempotencyKey = None,
) -> Linked:
    """Link an id to a member; said again, it changes nothing.

    You vouch for it: the customer is logged in, or showed the card. Refused
    `key_taken` where it is another member's.
    """
    member = members.find_by_number(number)
    if member is None:
        raise Http404
    needs_system = key.kind in LOCAL_KINDS
    if needs_system != bool(key.system):
        raise HttpError(422, "system is for ids of a shop, an app or tills, and only.")
    value = _normal(key)
    if not value:
        raise HttpError(422, f"value: {WHY.get(key.kind, 'is empty')}")
    members.link_key(
        member, key.kind, value, system=key.system, by=None, now=clock.now()
    )
    return Linked(number=member.number, kind=key.kind, system=key.system)


def _normal(key: NewKey) -> str:
    """Return the value as it is kept; nothing where it is none of its kind."""
    value = key.value.strip()
    if key.kind == "phone":
        return phones.parsed(value) or ""
    if key.kind == "card":
        return members.card_number(value)
    if key.kind == "email":
        return value.lower() if "@" in value.strip("@") else ""
    return value


def _member_in(row: MemberRow) -> members.MemberIn:
    return members.MemberIn(**row.model_dump(exclude={"external_id"}))


def _unread(row: Unreadable) -> MemberResult:
    return MemberResult(
        external_id=row.external_id, status="rejected", field=row.field, why=row.why
    )


def _result(
    row: MemberRow, done: members.Upserted, numbers: Mapping[int, str]
) -> MemberResult:
    return MemberResult(
        external_id=row.external_id,
        status=done.status,
        number=numbers.get(done.member_id or 0),
        matched_by=done.matched_by or None,
        code=done.code or None,
        field=done.field or None,
        why=WHY.get(done.code),
    )


def _shown(member: Member) -> Found:
    return Found(
        number=member.number,
        name=people.masked_name(member.label),
        phone=masked_phone(member.phone),
        stage=member.stage,
        identities=[
            KnownBy(kind=each.kind, system=each.system, value=_masked(each))
            for each in member.identities.order_by("pk")
        ],
        attributes=answers_by_key(member),
    )


def _masked(key: Identity) -> str:
    if key.kind == Identity.Kind.PHONE:
        return masked_phone(key.value)
    if key.kind == Identity.Kind.EMAIL:
        name, _at, host = key.value.partition("@")
        return f"{name[:1]}***@{host}"
    return key.value
