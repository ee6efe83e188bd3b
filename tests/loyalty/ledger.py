"""Small helpers for the tests of points: rules, purchases and what members have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointAccount, PointRule, Tier, TierMultiplier
from apps.members.models import Member
from tests import make

NOW = datetime(2026, 11, 20, 12, tzinfo=clock.TAIPEI)


def rule(
    since: date = date(2024, 1, 1),
    *,
    spend: int = 100,
    multipliers: Mapping[Tier, int] | None = None,
    **fields: Any,
) -> PointRule:
    """Make a version of the rules: a point for so many dollars."""
    row = PointRule.objects.create(
        starts_on=since, spend_per_point=spend, created_at=NOW, **fields
    )
    for tier, multiplier in (multipliers or {}).items():
        TierMultiplier.objects.create(rule=row, tier=tier, multiplier=multiplier)
    return row


def purchase(
    buyer: Member | None, left: int, *, order_id: int | None = None, **fields: Any
) -> loyalty.Purchase:
    """Return a paid purchase of the web shop with so much left of it."""
    number = order_id or make.number()
    at = fields.pop("placed_at", NOW - timedelta(days=1))
    defaults = {"channel": "web", "placed_at": at, "paid_at": at}
    return loyalty.Purchase(
        order_id=number,
        source="shop",
        external_id=f"A{number}",
        member_id=buyer.pk if buyer else None,
        net_left=left,
        **{**defaults, **fields},
    )


def follow(*purchases: loyalty.Purchase, now: datetime = NOW) -> int:
    """Let points follow the purchases."""
    return loyalty.follow_purchases(purchases, now=now)


def given(member: Member, points: int, *, now: datetime = NOW) -> None:
    """Grant the member points for a cause of their own."""
    loyalty.grant(
        [member.pk], points, source_type="test", source_id=f"{make.number()}", now=now
    )


def account(member: Member) -> tuple[int, int, int]:
    """Return the member's balance, pending points and debt."""
    row = PointAccount.objects.get(member=member)
    return row.balance, row.pending, row.debt
