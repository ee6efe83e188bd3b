"""On which day of a year an occasion falls."""

from __future__ import annotations

from datetime import date, timedelta

# A night that was missed is made good within so many days.
CATCH_UP = timedelta(days=6)


def falls_on(born: date, year: int) -> date:
    """Return the day in the year; 29 February is 1 March where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def days_to_keep(today: date) -> list[date]:
    """Return the days whose gifts are due: today's and of nights that were missed."""
    return [today - CATCH_UP + timedelta(days=n) for n in range(CATCH_UP.days + 1)]


def anniversaries(day: date) -> list[tuple[int, int]]:
    """Return the months and days that are kept on the day."""
    kept = [(day.month, day.day)]
    is_leap = falls_on(date(2024, 2, 29), day.year).month == 2
    if kept == [(3, 1)] and not is_leap:
        kept.append((2, 29))
    return kept
