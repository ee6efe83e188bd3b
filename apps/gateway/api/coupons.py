"""Coupons at a till: checked, held for an order, used in it, given back.

A "no" is a 422 whose `code` is stable and whose `detail` is a sentence for the person
at the till. Annotations are real here, not postponed: see `orders`.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway.api import people
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.baskets import BasketLine, items_of
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Amount, Moment, Name, text_of
from apps.loyalty import services as loyalty
from apps.loyalty.models import CouponIssue, CouponUse
from apps.loyalty.rules.coupons import key_of
from apps.staff.models import Staff
from apps.stores.models import Store

router = Router(tags=["Till"])
COUPONS = ApiKeyAuth("coupons:use")
HELD = timedelta(minutes=30)
LONGEST_HELD = timedelta(days=30)


class Coupon(Schema):
    """A coupon, and the basket it is to be used on."""

    code: Annotated[str, text_of(60, "As it is scanned or typed")]
    channel: Literal["store", "web", "app"] = "store"
    store_code: Annotated[str, text_of(20, "Where it is used", 0)] = ""
    staff_code: Annotated[str, text_of(20, "Who serves", 0)] = ""
    member: people.Who | None = None
    lines: list[BasketLine] = Field(default=[], max_length=500)
    total: Amount = Field(0, description="NT$ of all goods, where no lines are sent")
    shipping: Amount = Field(0, description="NT$")
    other_coupons: list[Annotated[str, text_of(60, "A coupon's code")]] = Field(
        default=[], max_length=20, description="Used in the same order"
    )
    source: Annotated[str, text_of(20, "The order's source", 0)] = ""
    external_id: Annotated[str, text_of(60, "The order's number", 0)] = ""


class CouponOfOrder(Coupon):
    """A coupon for an order, which is known by source and external_id."""

    source: Annotated[str, text_of(20, "The order's source")]
    external_id: Annotated[str, text_of(60, "The order's number")]


class CouponToHold(CouponOfOrder):
    """A coupon that an order holds until the moment."""

    until: Moment | None = Field(
        None, description="At most 30 days ahead; left out, in 30 minutes"
    )


class CouponToVoid(Schema):
    """The use of a coupon in an order."""

    code: Annotated[str, text_of(60, "As it is scanned or typed")]
    source: Annotated[str, text_of(20, "The order's source")]
    external_id: Annotated[str, text_of(60, "The order's number")]
    reason: Name = Field(min_length=1, max_length=200)


class Checked(Schema):
    """What the coupon takes off."""

    code: str
    name: str
    kind: str
    discount: int = Field(description="NT$ off")
    gift: str


class Used(Schema):
    """What became of the coupon."""

    code: str
    state: str = Field(description="reserved, redeemed or voided")
    discount: int = Field(description="NT$ off")
    held_until: datetime | None = None


move = partial(
    router.post,
    auth=COUPONS,
    response={200: Used, **faults(*SENDING)},
    exclude_none=True,
)


@router.post("coupons/check", auth=COUPONS, response={200: Checked, **faults(*SENDING)})
def check_coupon(request: HttpRequest, asked: Coupon) -> Checked:
    """Say what a coupon would take off, or why it would not; nothing is written."""
    verdict = loyalty.check(
        asked.code,
        basket=_basket(asked),
        member=people.need(asked.member) if asked.member else None,
        order_source=asked.source,
        order_external_id=asked.external_id,
        now=clock.now(),
    )
    if verdict.issue is None or not verdict.is_allowed:
        raise Refused(f"coupon_{verdict.refusal}", verdict.message)
    coupon = verdict.issue.coupon
    return Checked(
        code=verdict.issue.code,
        name=coupon.label,
        kind=coupon.kind,
        discount=verdict.discount,
        gift=coupon.gift,
    )


@move("coupons/reserve")
@once
def reserve_coupon(
    request: KeyedRequest, asked: CouponToHold, idempotency_key: IdempotencyKey = None
) -> Used:
    """Hold a coupon for an order; the same order again gets the same answer."""
    now = clock.now()
    until = asked.until or now + HELD
    if not now < until <= now + LONGEST_HELD:
        raise HttpError(422, "until must lie ahead, by at most 30 days.")
    return _used(loyalty.reserve(asked.code, until=until, now=now, **_order(asked)))


@move("coupons/redeem")
@once
def redeem_coupon(
    request: KeyedRequest, asked: CouponOfOrder, idempotency_key: IdempotencyKey = None
) -> Used:
    """Use a coupon in an order; the same order again gets the same answer.

    Of two tills with one coupon the first wins; the other is told `coupon_used`.
    """
    return _used(loyalty.redeem(asked.code, now=clock.now(), **_order(asked)))


@move("coupons/void")
@once
def void_coupon(
    request: KeyedRequest, asked: CouponToVoid, idempotency_key: IdempotencyKey = None
) -> Used:
    """Give a coupon back that an order holds or used; it can be used again."""
    with transaction.atomic():
        use = _use_in(asked)
        if use.state != CouponUse.State.VOIDED:
            use = loyalty.void(use, reason=asked.reason, by=None, now=clock.now())
        return _used(use)


def _use_in(asked: CouponToVoid) -> CouponUse:
    """Return the order's use of the coupon, the live one first; the copy is locked.

    Of two who void it the second sees what the first did.
    """
    copy = CouponIssue.objects.select_for_update().filter(key=key_of(asked.code))
    uses = CouponUse.objects.filter(
        issue__in=list(copy),
        order_source=asked.source,
        order_external_id=asked.external_id,
    ).select_related("issue")
    use = uses.live().first() or uses.order_by("-voided_at").first()
    if use is None:
        raise Refused("coupon_no_use", _("這筆訂單沒有使用這張優惠券"))
    return use


def _order(asked: CouponOfOrder) -> dict[str, Any]:
    """Return the order that a coupon is for, and who uses it where."""
    return {
        "basket": _basket(asked),
        "order_source": asked.source,
        "order_external_id": asked.external_id,
        "member": people.need(asked.member) if asked.member else None,
        "store": _store(asked.store_code),
        "by": _staff(asked.staff_code),
        "trigger": _trigger(asked),
    }


def _store(code: str) -> Store | None:
    if not code:
        return None
    found = Store.objects.filter(code=code).first()
    if found is None:
        raise Refused("no_store", _("沒有這個門市代號"))
    return found


def _staff(code: str) -> Staff | None:
    if not code:
        return None
    found = Staff.objects.filter(code=code).first()
    if found is None:
        raise Refused("no_staff", _("沒有這個店員代號"))
    return found


def _trigger(asked: Coupon) -> str:
    at_till = asked.channel == "store"
    return CouponUse.Trigger.TILL if at_till else CouponUse.Trigger.WEB


def _basket(asked: Coupon) -> loyalty.Basket:
    store = _store(asked.store_code)
    return loyalty.Basket(
        asked.channel,
        items=items_of(asked.lines),
        sum=asked.total,
        store_id=store.pk if store else None,
        shipping=asked.shipping,
        others=_others(asked),
    )


def _others(asked: Coupon) -> tuple[bool, ...]:
    """Tell of each other coupon whether it combines; what is none is left out."""
    keys = {key_of(code) for code in asked.other_coupons} - {key_of(asked.code)}
    beside = CouponIssue.objects.filter(key__in=keys)
    return tuple(beside.values_list("coupon__is_stackable", flat=True))


def _used(use: CouponUse) -> Used:
    return Used(
        code=use.issue.code,
        state=use.state,
        discount=use.discount,
        held_until=use.held_until,
    )
