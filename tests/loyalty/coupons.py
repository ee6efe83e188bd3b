"""What the tests of coupons share: a coupon, a copy, a basket."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.members.models import Member

NOW = datetime(2026, 11, 20, 12, tzinfo=clock.TAIPEI)


def coupon(name: str = "週年慶折 200", **fields: object) -> Coupon:
    """Make a live coupon of NT$200 off, good everywhere for a month."""
    defaults: dict[str, object] = {
        "state": Coupon.State.LIVE,
        "amount": 200,
        "channels": ["store", "web", "app"],
        "valid_from": NOW - timedelta(days=10),
        "valid_until": NOW + timedelta(days=20),
        "created_at": NOW,
    }
    return Coupon.objects.create(name=name, **{**defaults, **fields})


def copy_of(design: Coupon, member: Member, *, now: datetime = NOW) -> CouponIssue:
    """Give the member a copy."""
    outcome = loyalty.issue(design, [member.pk], source="hq", now=now)[0]
    assert isinstance(outcome, loyalty.Issued), outcome
    return CouponIssue.objects.get(pk=outcome.issue_id)


def basket(total: int = 1_000, **fields: object) -> loyalty.Basket:
    """Return a basket of the web shop."""
    return loyalty.Basket(**{"channel": "web", "sum": total, **fields})  # type: ignore[arg-type]


def redeem(
    copy: CouponIssue, order: str = "A-1", *, total: int = 1_000, now: datetime = NOW
) -> CouponUse:
    """Use the copy in an order of the web shop."""
    return loyalty.redeem(
        copy.code,
        basket=basket(total),
        order_source="shop",
        order_external_id=order,
        now=now,
    )
