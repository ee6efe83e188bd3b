"""How long customers thought it over: from the click on a link to the order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext as _

from apps.reports.reports.conversations import statements
from apps.reports.reports.conversations.shapes import Scope
from apps.ui.words import span

# Minutes at which a bar of the histogram ends, the last one having no end.
EDGES = (10, 30, 60, 180, 720, 1440, 4320, 10080)


@dataclass(frozen=True)
class Bar:
    """How many orders came within a stretch of time after the click."""

    label: str
    orders: int


@dataclass(frozen=True)
class Consideration:
    """Minutes from the last click on the link to the order it brought.

    A quarter of the orders came within `low`, half within `median`, three quarters
    within `high`; None where no order came by a link.
    """

    orders: int
    low: int | None
    median: int | None
    high: int | None
    bars: tuple[Bar, ...]

    @property
    def low_words(self) -> str:
        """Write the time of the quickest quarter."""
        return _span(self.low)

    @property
    def median_words(self) -> str:
        """Write the time of half of the orders."""
        return _span(self.median)

    @property
    def high_words(self) -> str:
        """Write the time of three quarters."""
        return _span(self.high)


def consideration(scope: Scope) -> Consideration:
    """Return how long it took, for the online orders of the days that came by a link.

    The link is the one the shop named with the order; `scope` is that of the link.
    """
    with connection.cursor() as cursor:
        params = scope.params | {"edges": list(map(float, EDGES))}
        cursor.execute(statements.CONSIDERATION, params)
        orders, quartiles, counts = cursor.fetchone()
    low, median, high = (
        None if each is None else round(each) for each in quartiles or (None,) * 3
    )
    bars = tuple(map(Bar, _labels(), counts))
    return Consideration(orders, low, median, high, bars)


def _span(minutes: int | None) -> str:
    return "" if minutes is None else span(timedelta(minutes=minutes))


def _labels() -> list[str]:
    return [
        _("10 分內"), _("10–30 分"), _("30–60 分"), _("1–3 小時"), _("3–12 小時"),
        _("12–24 小時"), _("1–3 天"), _("3–7 天"), _("7 天以上"),
    ]  # fmt: skip
