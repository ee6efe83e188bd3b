"""Take back tiers that a refund undid, with the gifts they came with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.loyalty.models.points import PointEntry
from apps.loyalty.models.tiers import Standing, TierChange
from apps.loyalty.rules import tiers as rules
from apps.loyalty.rules.tiers import Rung, Spent
from apps.loyalty.services import points, tier_sql
from apps.loyalty.services.tiers import ENTRY_GIFT, rungs, spent_of_many
from apps.members.models import Member


@dataclass(frozen=True)
class Doubt:
    """A tier that spending no longer bears: did it bear it when it was reached?

    What is asked is `by` and `months` as of `since`, of what is left of orders now.
    """

    member_id: int
    since: datetime
    by: str
    months: int
    threshold: int


def doubts(
    member_ids: Collection[int], *, steps: Sequence[Rung] | None = None
) -> list[Doubt]:
    """Return whose tier of spending the spending of today does not bear.

    That may be because time went by, which waits for the tier's end, or because of a
    refund, which undoes it: `undo` decides by what was spent when it was reached.
    `steps` are the `rungs`, of whoever has read them already.
    """
    steps = rules.ladder(rungs() if steps is None else steps)
    by_tier = {rung.tier_id: rung for rung in steps}
    if not steps:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            tier_sql.unborne(steps),
            {"members": sorted(set(member_ids))},
        )
        found = cursor.fetchall()
    return [
        Doubt(member, since, rung.by, rung.months, rung.threshold)
        for member, tier, since in found
        for rung in [by_tier[tier]]
    ]


@transaction.atomic
def undo(doubted: Sequence[Doubt], spent: Mapping[int, int], *, now: datetime) -> int:
    """Take back tiers that refunds undid, with their gifts; return how many.

    `spent` is what each member of a doubt had spent when the tier was reached (NT$),
    of what is left now. Who had a lower tier before goes back to it, or to what is
    reached now, whichever is higher.
    """
    false = {
        doubt.member_id: doubt
        for doubt in doubted
        if spent.get(doubt.member_id, 0) < doubt.threshold
    }
    if not false:
        return 0
    members = Member.objects.filter(pk__in=false).order_by("pk")
    list(members.select_for_update(no_key=True).values_list("pk"))
    standings = list(Standing.objects.filter(member__in=false))
    ladder = rules.ladder(rungs())
    before, spends = _before(standings), spent_of_many(list(false), ladder)
    changes = [
        (
            standing,
            rules.fall_back(
                spends.get(standing.member_id, Spent()),
                ladder,
                held_id=standing.tier_id,
                before_id=before.get(standing.member_id),
            ),
        )
        for standing in standings
    ]
    _put_down(changes, {rung.tier_id: rung for rung in ladder}, spent, now=now)
    return len(changes)


def _before(standings: Sequence[Standing]) -> dict[int, int | None]:
    """Return the tier that each member came from."""
    rows = TierChange.objects.filter(
        member__in=[standing.member_id for standing in standings], reason="upgrade"
    ).order_by("at", "id")
    return {row.member_id: row.before_id for row in rows}


def _put_down(
    changes: Sequence[tuple[Standing, int | None]],
    steps: Mapping[int, Rung],
    spent: Mapping[int, int],
    *,
    now: datetime,
) -> None:
    rows, lost, undone = [], [], []
    for standing, after in changes:
        end = tier_sql.until(now, steps[after].term_months) if after else None
        rows.append(
            TierChange(
                member_id=standing.member_id,
                before_id=standing.tier_id,
                after_id=after,
                reason=TierChange.Reason.REFUND,
                spent=spent.get(standing.member_id, 0),
                until=end,
                at=now,
            )
        )
        undone.append(f"{standing.tier_id}/{standing.since.isoformat()}")
        if after is None:
            lost.append(standing.pk)
        else:
            standing.tier_id, standing.since, standing.until = after, now, end
    Standing.objects.filter(pk__in=lost).delete()
    kept = [standing for standing, after in changes if after is not None]
    Standing.objects.bulk_update(kept, ["tier", "since", "until"])
    TierChange.objects.bulk_create(rows)
    gifts = PointEntry.objects.filter(
        member__in=[standing.member_id for standing, _after in changes],
        kind=PointEntry.Kind.GIFT,
        source_type=ENTRY_GIFT,
        source_id__in=undone,
    )
    points.take_back(
        list(gifts.values_list("pk", flat=True)), now=now, reason=_("退款後未達門檻")
    )
