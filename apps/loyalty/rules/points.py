"""What a purchase earns, when that lives and dies, and which points are used first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from apps.core import clock
from apps.core.money import WHOLE

# From which moment points wait: the payment, or the customer having the goods.
PAID, FULFILLED = "paid", "fulfilled"


@dataclass(frozen=True)
class Expiry:
    """When points die: never, at the end of a day next year, or after some days.

    `month` and `day` are of the year after the points were earned.
    """

    days: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True)
class Terms:
    """A version of the rules, in force from `starts_on` (a day in Taipei) on.

    `multipliers` are basis points by tier; of a tier that is not named they are one
    whole. Points become available `release_days` after the payment or the fulfilment
    (`release_from`), at once for 0.
    """

    rule_id: int
    starts_on: date
    spend_per_point: int
    release_days: int = 0
    release_from: str = PAID
    expiry: Expiry = Expiry()
    channels: frozenset[str] = frozenset()
    excluded: frozenset[int] = frozenset()
    multipliers: Mapping[int, int] = field(default_factory=dict)
    point_value: int = 1
    burn_share: int = WHOLE

    def multiplier(self, tier_id: int | None) -> int:
        """Return how many times the points the tier earns, in basis points."""
        return WHOLE if tier_id is None else self.multipliers.get(tier_id, WHOLE)


@dataclass(frozen=True)
class Purchase:
    """A purchase as it stands now.

    `net_left` is what its goods cost after discounts and refunds (NT$), and
    `left_by_category` the part of that by category, where rules leave some out. From
    `fulfilled_at` on the customer has the goods.
    """

    order_id: int
    source: str
    external_id: str
    member_id: int | None
    channel: str
    placed_at: datetime
    paid_at: datetime | None
    net_left: int
    left_by_category: Mapping[int, int] = field(default_factory=dict)
    fulfilled_at: datetime | None = None


@dataclass(frozen=True)
class Award:
    """What a purchase is worth, by which rule, and from when until when.

    `available_at` is None as long as what its points wait for has not come.
    """

    member_id: int
    points: int
    rule_id: int
    multiplier: int
    earned_at: datetime
    available_at: datetime | None
    expires_at: datetime | None
    release_from: str = PAID

    def is_dead(self, now: datetime) -> bool:
        """Tell whether the points have died by then."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True)
class OpenLot:
    """Points that are left of a lot."""

    lot_id: int
    remaining: int
    earned_at: datetime


def terms_on(versions: Iterable[Terms], day: date) -> Terms | None:
    """Return the version in force on the day, None before the first."""
    begun = [each for each in versions if each.starts_on <= day]
    return max(begun, key=lambda each: each.starts_on) if begun else None


def award(purchase: Purchase, terms: Terms, multiplier: int) -> Award | None:
    """Return what the purchase is worth by the terms, None where that is nothing.

    Only what was paid and is left counts; the points are rounded down.
    """
    if purchase.member_id is None or purchase.paid_at is None:
        return None
    if terms.channels and purchase.channel not in terms.channels:
        return None
    left_out = sum(
        left
        for category, left in purchase.left_by_category.items()
        if category in terms.excluded
    )
    points = points_for(purchase.net_left - left_out, terms.spend_per_point, multiplier)
    if points <= 0:
        return None
    return Award(
        member_id=purchase.member_id,
        points=points,
        rule_id=terms.rule_id,
        multiplier=multiplier,
        earned_at=purchase.paid_at,
        available_at=released_at(purchase, terms),
        expires_at=expires_at(purchase.paid_at, terms.expiry),
        release_from=terms.release_from,
    )


def points_for(amount: int, spend_per_point: int, multiplier: int = WHOLE) -> int:
    """Return the points of an amount (NT$), rounded down to a whole point."""
    return max(0, amount) * multiplier // (spend_per_point * WHOLE)


def released_at(purchase: Purchase, terms: Terms) -> datetime | None:
    """Return when the purchase's points become available, None if nobody knows yet.

    Goods that came before they were paid count from the payment.
    """
    paid_at, fulfilled_at = purchase.paid_at, purchase.fulfilled_at
    if paid_at is None:
        return None
    if terms.release_from == PAID:
        return available_at(paid_at, terms.release_days)
    if fulfilled_at is None:
        return None
    return available_at(max(paid_at, fulfilled_at), terms.release_days)


def available_at(since: datetime, release_days: int) -> datetime:
    """Return when points become available: at once, or after the last of the days."""
    if release_days == 0:
        return since
    return clock.end_of(clock.day_of(since) + timedelta(days=release_days))


def expires_at(earned_at: datetime, expiry: Expiry) -> datetime | None:
    """Return the first moment at which the points are dead, None for never.

    Points live to the end of their last day in Taipei. The day they were earned is
    day 0, so that 365 days are dead on day 366; 29 February of a year that has none
    is 28 February.
    """
    day = clock.day_of(earned_at)
    if expiry.days is not None:
        return clock.end_of(day + timedelta(days=expiry.days))
    if expiry.month is not None and expiry.day is not None:
        return clock.end_of(_day_in(day.year + 1, expiry.month, expiry.day))
    return None


def _day_in(year: int, month: int, day: int) -> date:
    """Return the day, or the month's last where it has no such day."""
    last = clock.next_month(date(year, month, 1)) - timedelta(days=1)
    return min(last, last.replace(day=min(day, last.day)))


def draw(lots: Sequence[OpenLot], points: int) -> list[tuple[int, int]]:
    """Take points from the lots, first in first out; return what each gives.

    Where the lots hold fewer they give all they have.
    """
    taken = []
    for lot in sorted(lots, key=lambda each: (each.earned_at, each.lot_id)):
        if points <= 0:
            break
        part = min(lot.remaining, points)
        if part > 0:
            taken.append((lot.lot_id, part))
            points -= part
    return taken


def reawarded(points: int, *, used: int, is_dead: bool) -> int:
    """Return what is given again after a reversal.

    Of points that have died meanwhile only as many as had been used.
    """
    return min(points, used) if is_dead else points


def worth_of_burning(basket_total: int, *, share: int, point_value: int) -> int:
    """Return how many points a basket takes: a share (basis points) of it (NT$)."""
    return max(0, basket_total) * share // WHOLE // point_value
