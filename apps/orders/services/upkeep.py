"""What follows from any change of orders for the members who placed them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apps.loyalty import services as loyalty
from apps.orders.services import facts


def refresh_members(member_ids: Iterable[int | None], *, now: datetime) -> None:
    """Bring the members' facts up to date, and the tiers of those that changed."""
    changed = facts.refresh({pk for pk in member_ids if pk is not None}, now=now)
    if changed:
        loyalty.review(changed, now=now)
