"""Which members' points and coupons die soon, and that they were told: once each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import clock
from apps.loyalty.models import (
    CouponIssue,
    ExpiryNotice,
    ExpiryTold,
    LoyaltySettings,
    PointLot,
)

# Of two runs at once one tells the member.
CLAIM = """
    insert into loyalty_expirynotice (member_id, "on", at)
    select member_id, %s, %s from unnest(%s::bigint[]) as member_id
    order by member_id
    on conflict do nothing
    returning id, member_id
"""


@dataclass
class Dying:
    """What of a member's dies soon and was not told yet, by its last day."""

    points: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    coupons: list[CouponIssue] = field(default_factory=list)
    lots: list[int] = field(default_factory=list)


def members_to_tell(
    settings: LoyaltySettings, *, after: int, most: int, now: datetime
) -> list[int]:
    """Return the next members, by their keys, with something of which to tell today."""
    told_today = ExpiryNotice.objects.filter(
        member=OuterRef("member"), on=clock.day_of(now)
    )
    rows = [
        found.filter(~Exists(told_today), member__gt=after).values_list("member")
        for found in (_lots(settings, now), _copies(settings, now))
        if found is not None
    ]
    if not rows:
        return []
    first, *rest = rows
    found = first.union(*rest) if rest else first.distinct()
    return [pk for (pk,) in found.order_by("member")[:most]]


def dying_of(
    member_ids: Collection[int], settings: LoyaltySettings, *, now: datetime
) -> dict[int, Dying]:
    """Return what of these members' dies soon (two queries)."""
    found: dict[int, Dying] = defaultdict(Dying)
    if (lots := _lots(settings, now)) is not None:
        for lot in lots.filter(member__in=member_ids).order_by("expires_at", "pk"):
            dying = found[lot.member_id]
            dying.lots.append(lot.pk)
            if lot.last_day is not None:
                dying.points[lot.last_day] += lot.remaining
    if (copies := _copies(settings, now)) is not None:
        mine = copies.filter(member__in=member_ids).select_related("coupon")
        for copy in mine.order_by("valid_until", "pk"):
            if copy.member_id is not None:
                found[copy.member_id].coupons.append(copy)
    return found


def note_told(dying: dict[int, Dying], *, now: datetime) -> set[int]:
    """Write down that the members are told today; return whom, each once a day.

    Called in the transaction that writes to them.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [clock.day_of(now), now, sorted(dying)])
        notices = {member: pk for pk, member in cursor.fetchall()}
    ExpiryTold.objects.bulk_create(
        [
            told
            for member, notice in notices.items()
            for told in (
                *(ExpiryTold(notice_id=notice, lot_id=pk) for pk in dying[member].lots),
                *(
                    ExpiryTold(notice_id=notice, issue=copy)
                    for copy in dying[member].coupons
                ),
            )
        ]
    )
    return set(notices)


def _lots(settings: LoyaltySettings, now: datetime) -> QuerySet[PointLot] | None:
    """Return lots of use that die within the days and of which nobody was told."""
    if settings.points_days is None:
        return None
    until = _horizon(settings.points_days, now)
    return PointLot.objects.filter(
        remaining__gt=0, available_at__lte=now, expires_at__gt=now,
        expires_at__lte=until, told=None,
    )  # fmt: skip


def _copies(settings: LoyaltySettings, now: datetime) -> QuerySet[CouponIssue] | None:
    if settings.coupon_days is None:
        return None
    until = _horizon(settings.coupon_days, now)
    return CouponIssue.objects.real().filter(
        state=CouponIssue.State.ISSUED, coupon__state="live", member__isnull=False,
        valid_until__gt=now, valid_until__lte=until, told=None,
    )  # fmt: skip


def _horizon(days: int, now: datetime) -> datetime:
    """Return the end of the last day that is looked at."""
    return clock.end_of(clock.day_of(now) + timedelta(days=days))
