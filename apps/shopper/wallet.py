"""What a customer holds, as the card shows it: points and coupons that end first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from apps.core import clock
from apps.loyalty.models import (
    BurnPause,
    CouponIssue,
    LoyaltySettings,
    PointLot,
    PointRule,
)
from apps.loyalty.reports import telling
from apps.loyalty.services import pauses_now
from apps.members.models import Member

DAYS_SHOWN, COUPONS_SHOWN = 3, 3
SOON = timedelta(days=7)  # a coupon that ends within it says so


@dataclass(frozen=True)
class DyingPoints:
    """So many points die together at the end of a day."""

    points: int
    day: date
    left: str
    is_soon: bool


@dataclass(frozen=True)
class HeldCoupon:
    """A coupon in hand; `left` is said where it ends soon."""

    copy: CouponIssue
    left: str


@dataclass(frozen=True)
class Wallet:
    """Points by the day on which they die, coupons by theirs, and what is open."""

    dying: tuple[DyingPoints, ...]
    coupons: tuple[HeldCoupon, ...]
    usable: int
    earns: bool
    pauses: tuple[BurnPause, ...]
    takes_invoices: bool

    @property
    def more(self) -> int:
        """Return how many coupons are not shown."""
        return self.usable - len(self.coupons)


def wallet_of(member: Member, *, now: datetime) -> Wallet:
    """Gather what the member holds (a fixed number of queries)."""
    held = member.coupons.real().usable(now).select_related("coupon")
    copies = held.order_by(F("valid_until").asc(nulls_last=True), "-pk")
    return Wallet(
        dying=_dying(member, now=now),
        coupons=tuple(held_coupon(copy, now=now) for copy in copies[:COUPONS_SHOWN]),
        usable=held.count(),
        earns=PointRule.objects.filter(starts_on__lte=clock.day_of(now)).exists(),
        pauses=tuple(pauses_now(now)),
        takes_invoices=LoyaltySettings.current().invoice_days is not None,
    )


def _dying(member: Member, *, now: datetime) -> tuple[DyingPoints, ...]:
    lots = PointLot.objects.filter(
        member=member, remaining__gt=0, expires_at__gt=now, available_at__lte=now
    )
    days: dict[date, int] = defaultdict(int)
    for lot in lots.order_by("expires_at"):
        if lot.last_day is not None:
            days[lot.last_day] += lot.remaining
    today = clock.day_of(now)
    return tuple(
        DyingPoints(points, day, telling.left_until(day, today), day - today <= SOON)
        for day, points in sorted(days.items())[:DAYS_SHOWN]
    )


def held_coupon(copy: CouponIssue, *, now: datetime) -> HeldCoupon:
    """Return the coupon; with how long it is good, where that ends soon."""
    today, day = clock.day_of(now), copy.last_day
    is_open = copy.state in (CouponIssue.State.ISSUED, CouponIssue.State.RESERVED)
    is_soon = day is not None and timedelta(0) <= day - today <= SOON
    return HeldCoupon(
        copy, telling.left_until(day, today) if day and is_soon and is_open else ""
    )
