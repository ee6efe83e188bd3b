"""What is done with tiers: put members where their spending belongs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.loyalty.models.tiers import Standing, Tier
from apps.loyalty.rules.tiers import Placing, Rung, tier_for
from apps.members.models import Member


def placing(member: Member) -> Placing:
    """Return the member's tier by their spending, and what the next one takes."""
    spend = member.facts.spend_12m if hasattr(member, "facts") else 0
    return tier_for(spend, _rungs())


@transaction.atomic
def review(member_ids: Collection[int], *, now: datetime) -> int:
    """Put each member on the tier of the last twelve months' spending.

    Writes only the standings that change and returns how many. A member who reaches
    no tier has no standing.
    """
    rungs = _rungs()
    spend = dict(
        Member.objects.filter(pk__in=member_ids)
        .order_by("pk")
        .values_list("pk", "facts__spend_12m")
    )
    held = dict(
        Standing.objects.filter(member__in=spend).values_list("member_id", "tier_id")
    )
    due = {pk: tier_for(amount or 0, rungs).tier_id for pk, amount in spend.items()}
    moved = {pk: tier for pk, tier in due.items() if tier != held.get(pk)}
    lost = [pk for pk, tier in moved.items() if tier is None]
    if lost:
        Standing.objects.filter(member__in=lost).delete()
    Standing.objects.bulk_create(
        [
            Standing(member_id=pk, tier_id=tier, since=now)
            for pk, tier in moved.items()
            if tier is not None
        ],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["tier", "since"],
    )
    return len(moved)


def _rungs() -> list[Rung]:
    return [
        Rung(pk, least) for pk, least in Tier.objects.values_list("pk", "threshold")
    ]
