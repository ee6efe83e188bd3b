"""A member's rights in one call, for a till."""

from __future__ import annotations

from datetime import date, datetime

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from apps.core import clock
from apps.gateway.api import people
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import faults
from apps.loyalty import services as loyalty
from apps.loyalty.models import CouponIssue
from apps.members.models import Member
from apps.reports.rights import Rights as Known
from apps.reports.rights import rights_of

router = Router(tags=["Till"])
MOST_SHOWN = 50


class Tier(Schema):
    """The member's tier, and what the next one takes (NT$)."""

    name: str
    until: datetime | None
    next: str | None
    missing: int


class PointsHeld(Schema):
    """What the member has, and what dies next."""

    available: int
    pending: int
    next_expiring: int
    last_day: date | None
    paused: str = Field(
        description="Why points pay nothing in stores just now, or empty"
    )


class HeldCoupon(Schema):
    """A copy that the member can use, now or from a later day on."""

    code: str
    name: str
    kind: str = Field(description="amount, percent, shipping or gift")
    amount: int = Field(description="NT$ off, of the kind amount")
    percent: int = Field(description="Basis points off, of the kind percent")
    gift: str
    minimum: int = Field(description="NT$ that must be spent")
    channels: list[str]
    valid_from: datetime | None
    valid_until: datetime | None = Field(description="Half-open")
    is_held: bool = Field(description="An order holds it at the moment")


class Rights(Schema):
    """All that a till wants to know of a member."""

    number: str
    name: str = Field(description="Masked: 陳*妤")
    tier: Tier | None
    points: PointsHeld
    coupons: list[HeldCoupon]


@router.get(
    "rights",
    auth=ApiKeyAuth("members:read"),
    response={200: Rights, **faults(401, 403, 404, 422, 429)},
)
def show_rights(
    request: HttpRequest,
    card: people.Card = None,
    phone: people.Phone = None,
    number: people.Number = None,
) -> Rights:
    """Return a member's tier, points and usable coupons in one call."""
    if not (card or phone or number):
        raise HttpError(422, "Name one key: card, phone or number.")
    member = people.find(number=number, card=card, phone=phone)
    if member is None:
        raise Http404
    return _rights(member, now=clock.now())


def _rights(member: Member, *, now: datetime) -> Rights:
    known = rights_of(member, now=now)
    held = CouponIssue.objects.real().usable(now).filter(member=member)
    held = held.select_related("coupon").order_by("valid_until", "pk")
    return Rights(
        number=member.number,
        name=people.masked_name(member.label),
        tier=_tier(known),
        points=PointsHeld(
            available=known.balance.available,
            pending=known.balance.pending,
            next_expiring=known.balance.next_expiring,
            last_day=known.balance.last_day,
            paused=loyalty.why_shut("store", now=now),
        ),
        coupons=[_held(copy) for copy in held[:MOST_SHOWN]],
    )


def _tier(known: Known) -> Tier | None:
    if known.tier is None:
        return None
    return Tier(
        name=known.tier.label,
        until=known.standing.until if known.standing else None,
        next=known.above.label if known.above else None,
        missing=known.missing,
    )


def _held(copy: CouponIssue) -> HeldCoupon:
    coupon = copy.coupon
    return HeldCoupon(
        code=copy.code,
        name=coupon.label,
        kind=coupon.kind,
        amount=coupon.amount or 0,
        percent=coupon.percent,
        gift=coupon.gift,
        minimum=coupon.minimum or 0,
        channels=list(coupon.channels),
        valid_from=copy.valid_from,
        valid_until=copy.valid_until,
        is_held=copy.state == CouponIssue.State.RESERVED,
    )
