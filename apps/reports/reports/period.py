"""A period of whole days, what it is compared with, and its eight weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from apps.core import clock

WHOLE = 10_000
WEEKS = 8


@dataclass(frozen=True)
class Period:
    """Days in Taipei, the first and the last included."""

    first: date
    last: date

    @property
    def is_month(self) -> bool:
        """Tell whether it is a month, or one up to a day."""
        month = self.first.replace(day=1)
        return self.first == month and self.last < clock.next_month(month)

    @property
    def before(self) -> Period:
        """Return the period it is compared with.

        A month up to a day is compared with the month before up to the same day,
        another period with as many days just before it.
        """
        if not self.is_month:
            length = self.last - self.first + timedelta(days=1)
            return Period(self.first - length, self.last - length)
        month = (self.first - timedelta(days=1)).replace(day=1)
        end = self.first - timedelta(days=1)
        return Period(month, min(end, month + (self.last - self.first)))

    @property
    def weeks(self) -> list[Period]:
        """Return the eight weeks up to the last day, the oldest first."""
        ends = [self.last - timedelta(weeks=n) for n in range(WEEKS)][::-1]
        return [Period(end - timedelta(days=6), end) for end in ends]

    @property
    def days(self) -> list[date]:
        """Return every day of it."""
        length = (self.last - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(length)]

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def part_of_month(self, month: date) -> int:
        """Return how much of the month's days it holds, in basis points."""
        end = clock.next_month(month)
        held = min(self.last + timedelta(days=1), end) - max(self.first, month)
        return max(0, held.days) * WHOLE // (end - month).days

    @property
    def months(self) -> list[date]:
        """Return the first day of every month it touches."""
        found = [self.first.replace(day=1)]
        while (following := clock.next_month(found[-1])) <= self.last:
            found.append(following)
        return found
