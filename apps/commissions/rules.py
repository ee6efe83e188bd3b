"""What a credit pays and what a refund takes back: figures in, figures out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from apps.core import clock
from apps.core.money import share_of


@dataclass(frozen=True)
class Rates:
    """A plan's rates in basis points, from a day on (Taipei)."""

    plan_id: int
    starts_on: date
    online: int
    store: int

    def rate(self, *, is_online: bool) -> int:
        """Return the rate for a sale online or in a store."""
        return self.online if is_online else self.store


def rates_on(plans: Sequence[Rates], day: date) -> Rates | None:
    """Return the plan in force on the day; None before the first."""
    begun = [plan for plan in plans if plan.starts_on <= day]
    return max(begun, key=lambda plan: plan.starts_on, default=None)


def earned(amount: int, rate: int) -> int:
    """Return the commission on a credited amount (NT$), rounded to a dollar."""
    return share_of(amount, rate)


def taken_back(given: int, whole: int, refunded: int) -> int:
    """Return how much of what was given is taken back once so much was refunded.

    Of the whole (NT$) `refunded` has been returned so far, all refunds together. Each
    refund takes the difference to the one before: whatever its parts, a full refund
    takes back exactly what was given.
    """
    if whole <= 0:
        return 0
    part = min(refunded, whole)
    return (2 * given * part + whole) // (2 * whole)


def open_month(wanted: date, closed: Collection[date]) -> date:
    """Return the month an entry lands in: the wanted one or the next that is open."""
    while wanted in closed:
        wanted = clock.next_month(wanted)
    return wanted
