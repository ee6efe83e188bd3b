"""Compute everybody's facts, stores and categories anew, beside the intake.

For a database that was filled before they were kept, and for whatever a check found.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from apps.orders.models import FactsCheck, FactsRebuild
from apps.orders.services import upkeep

# A portion holds up the intake while it is computed: a moment.
PORTION = 2_000
# Whoever has neither orders nor facts is as computed.
NEXT = """
    select member.id from members_member as member
    where member.id > %(after)s
      and (exists (select from orders_order where member_id = member.id)
           or exists (select from members_memberfacts where member_id = member.id)
           or exists (select from orders_memberstore where member_id = member.id)
           or exists (select from orders_membercategory where member_id = member.id))
    order by member.id limit %(portion)s
"""


def rebuild(
    *,
    clock: Callable[[], datetime],
    report: Callable[[FactsRebuild], None],
    portion: int = PORTION,
) -> FactsRebuild:
    """Compute all members anew, a portion a transaction, and settle the checks.

    Goes on with a rebuild that was not finished; two at once share the work. Only what
    differs is written. `report` is told after each portion.
    """
    FactsRebuild.objects.bulk_create(
        [FactsRebuild(started_at=clock())], ignore_conflicts=True
    )
    while (run := _portion(portion, now=clock())).finished_at is None:
        report(run)
    return run


@transaction.atomic
def _portion(size: int, *, now: datetime) -> FactsRebuild:
    """Compute the next portion; finish the rebuild where none is left."""
    run = FactsRebuild.objects.select_for_update().order_by("-started_at")[:1].get()
    if run.finished_at is not None:  # the other process did the rest
        return run
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"after": run.reached, "portion": size})
        members = [member for (member,) in cursor.fetchall()]
    if members:
        run.changed += upkeep.refresh_members(members, now=now)
        run.reached = members[-1]
    else:
        run.finished_at = now
        FactsCheck.objects.filter(settled_at=None, at__lte=run.started_at).update(
            settled_at=now
        )
    run.save()
    return run
