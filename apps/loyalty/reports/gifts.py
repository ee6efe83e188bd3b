"""What a member is promised for a step that they have not taken yet."""

from __future__ import annotations

from datetime import datetime

from apps.core import clock
from apps.loyalty.models import Gift, GiftRule
from apps.members.models import Member


def promised(member: Member, occasion: str, *, now: datetime) -> GiftRule | None:
    """Return what the occasion will bring the member; None where it brings nothing.

    Nothing is promised to who had it, or who is no member yet. Two queries.
    """
    if member.stage != Member.Stage.REGISTERED:
        return None
    rule = (
        GiftRule.objects.filter(
            occasion=occasion, is_active=True, starts_on__lte=clock.day_of(now)
        )
        .select_related("coupon")
        .first()
    )
    had = Gift.objects.filter(member=member, occasion=occasion)
    return rule if rule is not None and not had.exists() else None
