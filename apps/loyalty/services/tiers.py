"""Review tiers by spending and time, and say what the next one takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.core import statements
from apps.loyalty.models.points import PointEntry
from apps.loyalty.models.tiers import (
    SpendWindow,
    Standing,
    Tier,
)
from apps.loyalty.rules import tiers as rules
from apps.loyalty.rules.tiers import Placing, Rung, Spent
from apps.loyalty.services import points, tier_sql
from apps.members.models import Member, MemberFacts

LOCK_FACTS = """
    select count(*) from (
        select id from members_member where id = any(%s) order by id for no key update
    ) as locked
"""
MOVED_A_TRANSACTION = 20_000
ENTRY_GIFT = "tier"


def rungs(tiers: Iterable[Tier] | None = None) -> list[Rung]:
    """Return the tiers, all where none are given, as decisions want them."""
    return [
        Rung(
            tier_id=tier.pk,
            threshold=tier.threshold,
            by=tier.upgrade_by,
            months=tier.upgrade_months,
            renew_by=tier.renew_by,
            renew_months=tier.renew_months,
            renew_amount=tier.renew_amount,
            term_months=tier.term_months,
        )
        for tier in (Tier.objects.all() if tiers is None else tiers)
    ]


def windows(steps: Sequence[Rung]) -> set[int]:
    """Return the windows of months that the intake is to keep for the tiers."""
    return tier_sql.windows(steps)


def placing(member: Member) -> Placing:
    """Return the member's tier by their spending, and what the next one takes."""
    held = Standing.objects.filter(member=member).first()
    return placing_on(member, rungs(), held_id=held.tier_id if held else None)


def placing_on(
    member: Member, steps: Sequence[Rung], *, held_id: int | None
) -> Placing:
    """Return the same for whoever has the tiers and the standing at hand."""
    return rules.place(
        spent_of_many([member.pk], steps).get(member.pk, Spent()),
        steps,
        held_id=held_id,
    )


def spent_of_many(
    member_ids: Collection[int], steps: Sequence[Rung]
) -> dict[int, Spent]:
    """Return what each member spent as far as the tiers ask; no facts, no spending."""
    kept: dict[int, list[SpendWindow]] = defaultdict(list)
    if tier_sql.windows(steps):
        for row in SpendWindow.objects.filter(member__in=member_ids):
            kept[row.member_id].append(row)
    return {
        facts.member_id: Spent(
            lifetime=facts.spend,
            windows={row.months: row.spend for row in kept[facts.member_id]}
            | {tier_sql.FACTS_MONTHS: facts.spend_12m},
            best={row.months: row.best_order for row in kept[facts.member_id]},
        )
        for facts in MemberFacts.objects.filter(member__in=member_ids)
    }


def review(
    member_ids: Collection[int], *, now: datetime, steps: Sequence[Rung] | None = None
) -> int:
    """Move the members whose spending or time moves them; return how many.

    Upgrades first; a tier whose time is over is renewed or goes down to what is
    reached. Only what changes is written, with its reason. `steps` are the `rungs`,
    of whoever has read them already.
    """
    steps = tuple(rungs() if steps is None else steps)
    rows = statements.fetch(
        tier_sql.find_some(steps),
        {"now": now, "members": sorted(set(member_ids))},
        is_small=len(member_ids) <= statements.FEW,
    )
    found = sorted(member for (member,) in rows)
    return (
        _move_some(found, tier_sql.review_of(steps, now=now), now=now) if found else 0
    )


def review_tiers(*, now: datetime) -> int:
    """Review everybody, as every night; return how many moved.

    Whoever an order or a colleague is at meanwhile is decided on again after them.
    """
    review_sql = tier_sql.review_of(rungs(), now=now)
    count = 0
    found = MOVED_A_TRANSACTION
    while found == MOVED_A_TRANSACTION:
        found, moved, left = _move_next(review_sql, now=now)
        count += moved + (_move_some(left, review_sql, now=now) if left else 0)
    return count


@transaction.atomic(savepoint=False)
def _move_next(
    review_sql: tier_sql.Review, *, now: datetime
) -> tuple[int, int, list[int]]:
    """Move the next; return how many were found, how many moved, and who was left."""
    with connection.cursor() as cursor:
        cursor.execute(review_sql.move_next, {"now": now, "most": MOVED_A_TRANSACTION})
        found, moved, given, left = cursor.fetchone() or (0, 0, [], None)
    if given:
        welcome(given, now=now)
    return found, moved, sorted(left or ())


@transaction.atomic(savepoint=False)
def _move_some(
    member_ids: Sequence[int], review_sql: tier_sql.Review, *, now: datetime
) -> int:
    """Lock the members and move those of them who are to."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_FACTS, [list(member_ids)])
    return _move(member_ids, review_sql, now=now)


def _move(
    member_ids: Sequence[int], review_sql: tier_sql.Review, *, now: datetime
) -> int:
    """Decide again now that they are locked, and write what changes."""
    with connection.cursor() as cursor:
        cursor.execute(review_sql.move, {"now": now, "members": list(member_ids)})
        moved, members, tiers = cursor.fetchone() or (0, None, None)
    welcome(zip(members or (), tiers or (), strict=True), now=now)
    return int(moved)


def welcome(moved: Iterable[tuple[int, int]], *, now: datetime) -> None:
    """Give those who came up to a tier its gift."""
    by_tier: dict[int, list[int]] = defaultdict(list)
    for member, tier in moved:
        by_tier[tier].append(member)
    gifts = dict(
        Tier.objects.filter(pk__in=by_tier, entry_points__gt=0).values_list(
            "pk", "entry_points"
        )
    )
    for tier, worth in gifts.items():
        points.grant(
            by_tier[tier],
            worth,
            kind=PointEntry.Kind.GIFT,
            source_type=ENTRY_GIFT,
            source_id=f"{tier}/{now.isoformat()}",
            now=now,
        )
