"""Where an order stands on its way: forward only, and a cancelled one stays cancelled.

    placed → paid → shipped or ready (for pick-up) → completed
        any of them → cancelled

A source that says nothing of the status says it by the payment and the cancellation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

OrderStatus = Literal["placed", "paid", "shipped", "ready", "completed", "cancelled"]
STATUSES: tuple[OrderStatus, ...] = (
    "placed",
    "paid",
    "shipped",
    "ready",
    "completed",
    "cancelled",
)
# How far along the way each is; from shipped to ready and back is no step back.
RANK: Mapping[str, int] = {
    "placed": 0,
    "paid": 1,
    "shipped": 2,
    "ready": 2,
    "completed": 3,
    "cancelled": 4,
}


def status_of(
    stated: str, *, paid_at: datetime | None, cancelled_at: datetime | None
) -> OrderStatus:
    """Return how far a version of an order says it has come, by all that it says."""
    said: list[OrderStatus] = [each for each in STATUSES if each == stated]
    said.append("paid" if paid_at else "placed")
    if cancelled_at:
        said.append("cancelled")
    return max(said, key=lambda each: RANK[each])


def known(status: str) -> OrderStatus:
    """Return the status of that name; another one is a StopIteration."""
    return next(each for each in STATUSES if each == status)


def further(one: OrderStatus, other: OrderStatus) -> OrderStatus:
    """Return the later of two; of two equally late ones the second."""
    return one if RANK[one] > RANK[other] else other
