"""Follow what a warehouse says of orders: shipped, ready to be fetched, completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.audit import services as audit
from apps.orders.models import Order
from apps.orders.rules import checks, statuses
from apps.orders.rules.checks import Problem
from apps.orders.services import locks, upkeep
from apps.orders.services.answers import Recorded

STATES = ("shipped", "ready", "completed")


@dataclass(frozen=True)
class FulfilmentIn:
    """How far an order has come, and when."""

    source: str
    external_id: str
    status: str
    at: datetime


@transaction.atomic
def advance(batch: Sequence[FulfilmentIn], *, now: datetime) -> list[Recorded]:
    """Move the orders on; answer for each, in the same order, what became of it.

    Forward only: what would step back changes nothing. Rejected: an order that is not
    known or cancelled, and completing one that was not paid, for payment comes with
    the order itself. Points that wait for the goods follow.
    """
    locks.hold((row.source, row.external_id) for row in batch)
    found = Order.objects.known_as([(row.source, row.external_id) for row in batch])
    orders = {row.source_key: row for row in found.select_for_update(of=("self",))}
    answers = []
    moved: dict[int, dict[str, str]] = {}
    for row in batch:
        order = orders.get((row.source, row.external_id))
        answer = _step(row, order, now)
        if order is not None and answer.status == "changed":
            order.status = row.status
            if row.status == Order.Status.COMPLETED and order.done_at is None:
                order.done_at = row.at
            moved[order.pk] = {"status": row.status, "at": row.at.isoformat()}
        answers.append(answer)
    changed = [order for order in orders.values() if order.pk in moved]
    Order.objects.bulk_update(changed, ["status", "done_at"], batch_size=1_000)
    done = [each for each in changed if each.status == Order.Status.COMPLETED]
    upkeep.release_points(done, now=now)
    audit.record_many("order.advanced", Order, moved, by=None, now=now)
    return answers


def _step(row: FulfilmentIn, order: Order | None, now: datetime) -> Recorded:
    problem = next(checks.moment("at", row.at, now=now), None)
    if row.status not in STATES:
        problem = Problem("status", f"must be one of {', '.join(STATES)}")
    if order is None:
        problem = Problem("external_id", "no such order is known")
    elif order.status == Order.Status.CANCELLED:
        problem = Problem("status", "the order is cancelled")
    elif row.status == Order.Status.COMPLETED and order.paid_at is None:
        problem = Problem("status", "the order is not paid")
    if problem or order is None:
        return Recorded.of(row.external_id, "rejected", problem)
    here = statuses.RANK[order.status]
    is_step = statuses.RANK[row.status] >= here and row.status != order.status
    return Recorded.of(row.external_id, "changed" if is_step else "unchanged")
