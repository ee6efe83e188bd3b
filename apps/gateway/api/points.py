"""Points at a till: quoted, burned in an order, given back.

Annotations are real here, not postponed: see `orders`.
"""

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway.api import people
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.baskets import BasketLine, items_of
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Amount, text_of
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointEntry

router = Router(tags=["Till"])
POINTS = ApiKeyAuth("points:use")
BURNED_BY = "order"  # the kind of cause, for the ledger
Points = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]


class Bought(Schema):
    """What is paid for and where: points may be kept from paying for some of it."""

    channel: Literal["store", "web", "app"] = "store"
    lines: list[BasketLine] = Field(
        default=[], max_length=500, description="Left out, the total is all we know"
    )


class Basket(Bought):
    """Whose points, and what there is to pay."""

    member: people.Who
    total: Amount = Field(description="NT$ to pay")


class Quote(Schema):
    """What points may pay of the basket.

    `why` says why they may pay nothing, `note` why they may not pay for all of it.
    """

    available: int
    burnable: int
    amount: int = Field(description="NT$ that the burnable points pay")
    point_value: int = Field(description="NT$ a point")
    why: str
    note: str


class OrderPaid(Schema):
    """The order that is paid in points."""

    source: str = Field(
        min_length=1, max_length=19, pattern=r"^[^\x00-\x1f\x7f/]*$",
        description="Your system, the same in every request; no slash",
    )  # fmt: skip
    external_id: Annotated[str, text_of(60, "The order's number")]


class Burn(OrderPaid, Bought):
    """Pay so much of an order in points."""

    member: people.Who
    points: Points
    total: Amount | None = Field(
        None, description="NT$ of the order: more than the rules allow of it is refused"
    )


class Moved(Schema):
    """How many points were burned or given back, and what is left to use."""

    points: int
    available: int


@router.post("points/quote", auth=POINTS, response={200: Quote, **faults(*SENDING)})
def quote_points(request: HttpRequest, asked: Basket) -> Quote:
    """Say how much of a basket the member's points may pay."""
    member = people.need(asked.member)
    told = loyalty.quote(
        member,
        basket_total=asked.total,
        basket=_basket(asked, asked.total),
        now=clock.now(),
    )
    return Quote.from_orm(told)


@router.post("points/burn", auth=POINTS, response={200: Moved, **faults(*SENDING)})
@once
def burn_points(
    request: KeyedRequest, asked: Burn, idempotency_key: IdempotencyKey = None
) -> Moved:
    """Pay with points, once an order; the same order again changes nothing."""
    member, now = people.need(asked.member), clock.now()
    if asked.total is not None and not _burned(asked):
        basket = _basket(asked, asked.total)
        told = loyalty.quote(member, basket_total=asked.total, basket=basket, now=now)
        if not told.why and asked.points > told.burnable:
            raise Refused(
                "points_over_limit",
                _("這筆消費最多可折抵 %(points)s 點") % {"points": told.burnable},
            )
    loyalty.burn(
        member,
        asked.points,
        source_type=BURNED_BY,
        source_id=_cause(asked),
        channel=asked.channel,
        now=now,
    )
    available = loyalty.balance(member, now=now).available
    return Moved(points=asked.points, available=available)


@router.post("points/return", auth=POINTS, response={200: Moved, **faults(*SENDING)})
@once
def return_points(
    request: KeyedRequest, asked: OrderPaid, idempotency_key: IdempotencyKey = None
) -> Moved:
    """Give back what an order burned; the same again changes nothing."""
    entry = _burned(asked)
    if entry is None:
        raise Refused("points_not_burned", _("這筆訂單沒有折抵過點數"))
    now = clock.now()
    loyalty.give_back(BURNED_BY, _cause(asked), now=now)
    member = entry.member.merged_into or entry.member
    available = loyalty.balance(member, now=now).available
    return Moved(points=-entry.points, available=available)


def _basket(asked: Bought, total: int) -> loyalty.Basket:
    return loyalty.Basket(asked.channel, items=items_of(asked.lines), sum=total)


def _cause(order: OrderPaid) -> str:
    return f"{order.source}/{order.external_id}"


def _burned(order: OrderPaid) -> PointEntry | None:
    return (
        PointEntry.objects.filter(
            kind=PointEntry.Kind.BURN, source_type=BURNED_BY, source_id=_cause(order)
        )
        .select_related("member__merged_into")
        .first()
    )
