"""The stretch of days a page is about: today, 7 days, this month, or from-to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy

TODAY, WEEK, MONTH, CUSTOM = "today", "week", "month", "custom"
LONGEST = timedelta(days=366)
CHOICES = [
    (TODAY, gettext_lazy("今天")),
    (WEEK, gettext_lazy("近 7 天")),
    (MONTH, gettext_lazy("本月")),
    (CUSTOM, gettext_lazy("自訂")),
]


@dataclass(frozen=True)
class Period:
    """Days in Taipei from `start` to `end`, both of them in it."""

    kind: str
    start: date
    end: date

    @property
    def query(self) -> dict[str, str]:
        """Return what leads back to the same days."""
        if self.kind != CUSTOM:
            return {"period": self.kind}
        days = {"since": self.start.isoformat(), "until": self.end.isoformat()}
        return {"period": CUSTOM, **days}


def period_of(query: Mapping[str, str], *, today: date, default: str = MONTH) -> Period:
    """Read the days of a query; what makes no sense falls back on the default.

    Days ahead are cut off, days in the wrong order are turned round, and no more than
    a year is taken.
    """
    kind = query.get("period", default)
    starts = {
        TODAY: today,
        WEEK: today - timedelta(days=6),
        MONTH: today.replace(day=1),
    }
    if kind in starts:
        return Period(kind, starts[kind], today)
    since = _day(query.get("since", ""))
    until = _day(query.get("until", ""))
    if kind != CUSTOM or (since is None and until is None):
        return Period(default, starts[default], today)
    first, last = sorted((since or until or today, until or today))
    last = min(last, today)
    first = min(first, last)
    return Period(CUSTOM, max(first, last - LONGEST), last)


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None
