"""What a member is entitled to now: points, tier, and the way to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.loyalty import services as loyalty
from apps.loyalty.models import Standing, Tier
from apps.members.models import Member

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Rights:
    """Points, the tier that is held, and what the next one takes (NT$)."""

    balance: loyalty.Balance
    standing: Standing | None
    tier: Tier | None
    above: Tier | None
    missing: int
    reached: int
    has_points: bool
    expires_soon: bool


def rights_of(member: Member, *, now: datetime) -> Rights:
    """Gather the member's rights; the queries do not grow with the history."""
    balance = loyalty.balance(member, now=now)
    tiers = {tier.pk: tier for tier in Tier.objects.all()}
    standing = Standing.objects.filter(member=member).first()
    held_id = standing.tier_id if standing else None
    placing = loyalty.placing_on(member, loyalty.rungs(tiers.values()), held_id=held_id)
    expiry = balance.next_expiry
    return Rights(
        balance=balance,
        standing=standing,
        tier=tiers[held_id] if held_id else None,
        above=tiers.get(placing.next_tier_id or 0),
        missing=placing.missing,
        reached=max(0, placing.reached),
        has_points=bool(balance.available or balance.pending or balance.debt),
        expires_soon=expiry is not None and expiry <= now + SOON,
    )
