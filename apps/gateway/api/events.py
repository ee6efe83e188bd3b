"""What visitors did in a shop, as its server tells it, and who of them signed in.

Annotations are real here, not postponed: see `orders`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from pydantic import WrapValidator

from apps.attribution import services as attribution
from apps.attribution.rules.browsing import MOST_PIECES, MOST_SKUS
from apps.attribution.services import Browsed
from apps.core import clock
from apps.gateway import visitor_tokens
from apps.gateway.api import people, schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Unreadable, text_of
from apps.members import services as members
from apps.members.models import Member
from apps.members.services.identification import find_batch

router = Router(tags=["Events"])
UUID_TEXT = r"^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$"
CHANGES = frozenset({"cart_added", "cart_removed"})
AHEAD, BACK = timedelta(minutes=5), timedelta(days=30)
Visitor = Annotated[
    str, text_of(40, "The snippet's visitor(), the same for one visitor", 0)
]


class Piece(Schema):
    """So many of a variant."""

    sku: Annotated[str, text_of(40, "A variant's SKU")]
    quantity: Annotated[int, Field(strict=True, ge=0, le=MOST_PIECES)]


class Event(Schema):
    """Something a visitor did: a page, a search, or goods in the cart.

    Whose it is, the visitor says, or the customer's keys, or both: then the visitor is
    this member from now on.
    """

    event_id: Annotated[str, Field(pattern=UUID_TEXT, description="A UUID of yours")]
    kind: Literal["view", "search", "cart", "cart_added", "cart_removed"] = Field(
        "view", description="cart is the whole cart as it is now"
    )
    at: schemas.Moment | None = Field(
        None, description="Left out, it is now; at most 30 days ago"
    )
    visitor: Visitor = ""
    customer: schemas.Customer | None = None
    system: Annotated[
        str, text_of(40, "Whose ids shop_id, app_id and pos_id are", 0)
    ] = ""
    path: schemas.Name = Field(
        "", max_length=300, description="Of a view; what follows ? is not kept"
    )
    product_code: Annotated[str, text_of(30, "Of a product's page", 0)] = ""
    reference: Annotated[str, text_of(40, "The tracked link they came by", 0)] = ""
    term: schemas.Name = Field(
        "",
        max_length=200,
        description="Of a search; words that may name a person are not kept",
    )
    lines: list[Piece] = Field(
        default=[], max_length=MOST_SKUS, description="Of a cart event"
    )


class Events(Schema):
    """A batch of events."""

    events: list[Annotated[Event, WrapValidator(schemas.or_unreadable)]] = Field(
        min_length=1, max_length=schemas.MOST_ROWS
    )


class EventResult(Schema):
    """What became of a row; for a rejected one the field and why."""

    event_id: str
    status: Literal["new", "unchanged", "rejected"]
    field: str | None = None
    why: str | None = None


class EventResults(Schema):
    """One result for each row, in the order they were sent."""

    results: list[EventResult]


@dataclass(frozen=True)
class Fault:
    """Why a row is not taken: the field, and what is wrong with it."""

    field: str
    why: str


class SignedIn(people.Who):
    """Who has signed in, by one key, and in which visitor's browser."""

    shop_id: Annotated[str, text_of(120, "Their id in your shop, with `system`", 0)] = (
        ""
    )
    system: Annotated[str, text_of(40, "Whose id shop_id is", 0)] = ""
    visitor: Annotated[
        str, text_of(40, "rg_visitor: the token is good for it alone", 0)
    ] = ""


class VisitorToken(Schema):
    """A token for the page: data-member="…", or regulars.identify("…")."""

    token: str
    expires_at: datetime


@router.post(
    "events",
    auth=ApiKeyAuth("events:write"),
    response={200: EventResults, **faults(*SENDING)},
    exclude_none=True,
)
@once
def send_events(
    request: KeyedRequest, batch: Events, idempotency_key: IdempotencyKey = None
) -> EventResults:
    """Report what visitors did, where the site snippet cannot; a result for each row.

    Known by event_id: the same again is `unchanged`. A customer nobody knows is not
    made a member by this; the event stays the visitor's.
    """
    now = clock.now()
    with transaction.atomic():
        whose = _members(batch.events)
        taken: list[Browsed | Fault] = [
            _taken(row, member, now)
            for row, member in zip(batch.events, whose, strict=True)
        ]
        browsed = [each for each in taken if isinstance(each, Browsed)]
        noted = iter(attribution.note_events(browsed))
        named = {each.visitor: each.member_id for each in browsed if each.member_id}
        attribution.resolve_visitors(named, now=now)
    return EventResults(
        results=[
            _result(row, each if isinstance(each, Fault) else next(noted))
            for row, each in zip(batch.events, taken, strict=True)
        ]
    )


@router.post(
    "visitors/tokens",
    auth=ApiKeyAuth("members:read"),
    response={200: VisitorToken, **faults(*SENDING, 404)},
)
def make_visitor_token(request: HttpRequest, who: SignedIn) -> VisitorToken:
    """Return a token that tells the snippet who has signed in; good for 15 minutes.

    It holds nothing personal. Put it into the page that follows the sign-in: what the
    visitor did before becomes the member's, and what comes after.
    """
    member = _signed_in(who)
    if member is None:
        raise Http404
    token, until = visitor_tokens.make(member, who.visitor, now=clock.now())
    return VisitorToken(token=token, expires_at=until)


def _signed_in(who: SignedIn) -> Member | None:
    if who.number or who.card or who.phone:
        return people.find(number=who.number, card=who.card, phone=who.phone)
    if not (who.shop_id and who.system):
        raise HttpError(
            422, "Name one key: number, card, phone, or shop_id with system."
        )
    return members.find_by_key("shop", who.shop_id.strip(), system=who.system)


def _members(rows: Sequence[Event | Unreadable]) -> list[int | None]:
    """Return the member whom each row's customer is, found for all at once."""
    named = [
        members.CustomerKeys(**row.customer.model_dump(), system=row.system)
        if isinstance(row, Event) and row.customer
        else None
        for row in rows
    ]
    found = iter(find_batch([each for each in named if each is not None]))
    return [None if each is None else next(found) for each in named]


def _taken(
    row: Event | Unreadable, member: int | None, now: datetime
) -> Browsed | Fault:
    """Return the row as it is noted, or why it is not."""
    if isinstance(row, Unreadable):
        return Fault(row.field, row.why)
    at = row.at or now
    if not now - BACK <= at <= now + AHEAD:
        return Fault("at", "must lie in the last 30 days")
    if not (row.visitor or member):
        if row.customer:
            return Fault("customer", "nobody is known by these keys; send a visitor")
        return Fault("visitor", "a visitor or a customer is needed")
    if row.kind == "view" and not row.path:
        return Fault("path", "is needed for a view")
    if row.kind in CHANGES and not row.lines:
        return Fault("lines", "are needed for what was put in or taken out")
    pieces: dict[str, int] = {}
    for line in row.lines:
        pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    return Browsed(
        event_id=UUID(row.event_id),
        kind=row.kind,
        visitor=row.visitor,
        at=at,
        member_id=member,
        path=row.path,
        product_code=row.product_code,
        reference=row.reference,
        term=row.term,
        pieces=pieces,
    )


def _result(row: Event | Unreadable, came_to: Fault | attribution.Noted) -> EventResult:
    event_id = row.external_id if isinstance(row, Unreadable) else row.event_id
    if isinstance(came_to, Fault):
        return _rejected(event_id, came_to.field, came_to.why)
    if came_to == "empty":
        return _rejected(event_id, "term", "nothing of it may be kept")
    return EventResult(event_id=event_id, status=came_to)


def _rejected(event_id: str, field: str, why: str) -> EventResult:
    return EventResult(event_id=event_id, status="rejected", field=field, why=why)
