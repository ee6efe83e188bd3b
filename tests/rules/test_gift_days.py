"""On which day of a year an occasion falls."""

from __future__ import annotations

from datetime import date

import pytest

from apps.loyalty.rules.gifts import anniversaries, days_to_keep, falls_on

LEAP = date(1992, 2, 29)


@pytest.mark.parametrize(
    ("born", "year", "day"),
    [
        (LEAP, 2024, date(2024, 2, 29)),
        (LEAP, 2026, date(2026, 3, 1)),
        (LEAP, 2100, date(2100, 3, 1)),
        (date(1990, 12, 31), 2026, date(2026, 12, 31)),
    ],
)
def test_a_leap_day_is_the_first_of_march(born: date, year: int, day: date) -> None:
    assert falls_on(born, year) == day


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (date(2026, 3, 1), [(3, 1), (2, 29)]),
        (date(2024, 3, 1), [(3, 1)]),
        (date(2024, 2, 29), [(2, 29)]),
        (date(2026, 2, 28), [(2, 28)]),
    ],
)
def test_a_day_keeps_the_leap_day_that_has_none(
    day: date, kept: list[tuple[int, int]]
) -> None:
    assert anniversaries(day) == kept


def test_a_night_that_was_missed_is_made_good_within_the_week() -> None:
    days = days_to_keep(date(2027, 1, 3))
    assert (days[0], days[-1], len(days)) == (date(2026, 12, 28), date(2027, 1, 3), 7)
