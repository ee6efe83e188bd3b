"""The worker's way to the verbs of loyalty."""

from __future__ import annotations

from apps.core import clock
from apps.loyalty import services


def release_reservations() -> int:
    """Give back the coupons that were held longer than their orders wanted."""
    return services.release_reservations(now=clock.now())


def give_first_steps() -> int:
    """Give whoever took a first step what it brings."""
    return services.give_first_steps(now=clock.now())
