"""What follows from any change of orders for the members who placed them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction

from apps.loyalty import services as loyalty
from apps.loyalty.rules.points import FULFILLED
from apps.members.models import MemberFacts
from apps.orders.models import Order
from apps.orders.services import adding, facts, locks, postings, spending

PORTION = 20_000


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
    locks.hold_members(members)
    changed = set(facts.refresh(members, now=now))
    postings.refresh(members)
    return _follow(members, changed, order_ids, now=now)


def add_orders(
    order_ids: Collection[int],
    *,
    member_ids: Iterable[int | None],
    dirty: Iterable[int | None],
    changed_ids: Collection[int],
    now: datetime,
) -> int:
    """Add orders just written to what is kept of their members.

    `dirty` are members of whom older orders changed as well (`changed_ids`): theirs is
    computed anew. Returns how many members' facts changed.
    """
    anew = {pk for pk in dirty if pk is not None}
    added_to = {pk for pk in member_ids if pk is not None} - anew
    locks.hold_members(anew | added_to)
    changed = set(facts.refresh(anew, now=now))
    postings.refresh(anew)
    changed.update(adding.add(order_ids, members=added_to, now=now))
    touched = [*order_ids, *changed_ids]
    return _follow(
        anew | added_to, changed, touched, doubted=anew, written=order_ids, now=now
    )


def release_points(fulfilled: Collection[Order], *, now: datetime) -> None:
    """Let points that wait for the goods learn that the customers have them.

    Nothing else follows from it: facts and tiers go by what was paid.
    """
    versions = loyalty.rights().versions if fulfilled else ()
    if not any(terms.release_from == FULFILLED for terms in versions):
        return
    locks.hold_members({order.member_id for order in fulfilled if order.member_id})
    spending.follow([order.pk for order in fulfilled], versions, now=now)


def _follow(
    members: Iterable[int],
    changed: set[int],
    order_ids: Collection[int],
    *,
    doubted: Collection[int] | None = None,
    written: Collection[int] = (),
    now: datetime,
) -> int:
    """Let tiers and points follow what changed.

    `doubted` are those who may have spent less than was thought, all if not given:
    a new order takes no tier away. `written` are orders that this transaction made.
    """
    rights = loyalty.rights()
    steps = rights.rungs
    changed |= spending.measure(set(members), steps, now=now)
    if changed:
        loyalty.review(changed, now=now, steps=steps)
    if fallen := changed if doubted is None else changed.intersection(doubted):
        spending.recheck_tiers(fallen, steps, now=now)
    spending.follow(order_ids, rights.versions, written=written, now=now)
    return len(changed)


def slide(*, now: datetime) -> int:
    """Move the windows of the facts on to now; return how many members changed.

    Goes through everybody who bought within the widest window as it was, a portion a
    transaction, and writes only what differs.
    """
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(member_id), 0) from members_memberfacts")
        (last,) = cursor.fetchone() or (0,)
    return sum(
        _slide(after, min(after + PORTION, last), now=now)
        for after in range(0, last, PORTION)
    )


@transaction.atomic
def _slide(after: int, until: int, *, now: datetime) -> int:
    locks.hold_everybody()
    changed = set(facts.slide(after, until, now=now))
    buyers = MemberFacts.objects.filter(pk__gt=after, pk__lte=until, orders__gt=0)
    return _follow(buyers.values_list("pk", flat=True), changed, (), now=now)
