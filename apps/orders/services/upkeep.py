"""What follows from any change of orders for the members who placed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from apps.loyalty import services as loyalty
from apps.members.models import MemberFacts
from apps.orders.services import facts, spending

PORTION = 5_000


def refresh_members(
    member_ids: Iterable[int | None],
    *,
    now: datetime,
    order_ids: Collection[int] = (),
) -> int:
    """Bring the members' facts up to date, and the tiers of those that changed.

    Points follow the orders that changed. Returns how many members did.
    """
    members = {pk for pk in member_ids if pk is not None}
    changed = set(facts.refresh(members, now=now)) | spending.measure(members, now=now)
    if changed:
        loyalty.review(changed, now=now)
        spending.recheck_tiers(changed, now=now)
    spending.follow(order_ids, now=now)
    return len(changed)


def slide(*, now: datetime) -> int:
    """Move the window of twelve months on to now; return how many members changed.

    Goes through everybody who bought within the window as it was, a portion a
    transaction, and writes only what differs.
    """
    recent = MemberFacts.objects.exclude(spend_12m=0).order_by("pk")
    changed, last = 0, 0
    while portion := list(
        recent.filter(pk__gt=last).values_list("pk", flat=True)[:PORTION]
    ):
        last = portion[-1]
        with transaction.atomic():
            changed += refresh_members(portion, now=now)
    return changed
