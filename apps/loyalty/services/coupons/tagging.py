"""Put tags on members by what they do with copies of a coupon."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from apps.loyalty.models import Coupon, CouponIssue
from apps.members import services as members
from apps.members.models import MemberTag, Tag
from apps.staff.models import Staff

Moment = Literal["received", "opened", "redeemed"]


def tag_receivers(
    coupon: Coupon, member_ids: Collection[int], *, by: Staff | None, now: datetime
) -> None:
    """Give whoever received a copy the coupon's tag for it."""
    tag = coupon.received_tag
    if tag is not None and member_ids:
        _tag(member_ids, tag, by=by, now=now)


def tag_holder(
    row: CouponIssue,
    moment: Moment,
    *,
    member_id: int | None,
    by: Staff | None,
    now: datetime,
) -> None:
    """Give the member the coupon's tag for opening or using the copy.

    Of a copy that is anybody's the member who showed it is meant, if any. A test copy
    leaves no trace; a use that was voided and made again counts once.
    """
    holder = row.member_id or member_id
    tag: Tag | None = getattr(row.coupon, f"{moment}_tag")
    if tag is not None and holder is not None and row.source != row.Source.TEST:
        _tag([holder], tag, by=by, now=now, occasion=f"{moment}:{row.pk}")


def _tag(
    member_ids: Collection[int],
    tag: Tag,
    *,
    by: Staff | None,
    now: datetime,
    occasion: str = "",
) -> None:
    members.tag_members(
        member_ids, [tag], source=MemberTag.Source.COUPON, by=by, now=now,
        occasion=occasion,
    )  # fmt: skip
