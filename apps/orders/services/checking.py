"""Compare what is kept of members with what their orders say, for a sample at night."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.members.models import Member
from apps.orders.models import FactsCheck
from apps.orders.services import facts, locks, postings, upkeep

NAMED = 20  # of those that differ

KEPT = ", ".join(f"facts.{name}" for name in facts.COLUMNS)
RIGHT = ", ".join(f"computed.{name}" for name in facts.COLUMNS)
FACTS = f"""
    select computed.member_id from ({facts.COMPUTED}) as computed
    left join members_memberfacts as facts on facts.member_id = computed.member_id
    where case when facts.member_id is null
        then computed.orders + computed.orders_cancelled > 0
        else ({KEPT}) is distinct from ({RIGHT})
        end
"""  # noqa: S608  (made of the product's own words)


def check_facts(*, sample: int, is_repaired: bool = False, now: datetime) -> FactsCheck:
    """Compare a random sample of members with their orders, and keep what was found.

    To be asked after `slide`, for the windows move on then. With `is_repaired` those
    that differ are computed anew. HQ is told of a check that is not settled.
    """
    chosen = list(Member.objects.order_by("?").values_list("pk", flat=True)[:sample])
    found = compare(chosen, now=now)
    if found and is_repaired:
        upkeep.refresh_members(found, now=now)
    return FactsCheck.objects.create(
        at=now,
        looked_at=len(chosen),
        differing=len(found),
        members=found[:NAMED],
        settled_at=now if is_repaired or not found else None,
    )


@transaction.atomic
def compare(member_ids: Collection[int], *, now: datetime) -> list[int]:
    """Return the members whose facts, stores or categories are not as computed."""
    if not member_ids:
        return []
    locks.hold_members(member_ids)
    told: dict[str, Any] = {**facts.windows(now), "members": sorted(set(member_ids))}
    found: set[int] = set()
    with connection.cursor() as cursor:
        for statement in (FACTS, *(posting.compare for posting in postings.ALL)):
            cursor.execute(statement, told)
            found.update(member for (member,) in cursor.fetchall())
    return sorted(found)
