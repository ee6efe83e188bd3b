"""The daily sales of all periods that a dashboard shows, read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from apps.attribution.models import Basis
from apps.orders.models import Order
from apps.reports.models import DailyMembers, DailySales
from apps.reports.reports.period import WHOLE, Period
from apps.stores.models import Store

STORE, ASSISTED, ALONE = "store", "assisted", "alone"


def kind_of(channel: str, basis: str) -> str:
    """Return whether a sale was a store's, or online with help or alone."""
    if channel == Order.Channel.STORE:
        return STORE
    return ALONE if basis == Basis.HOUSE else ASSISTED


@dataclass(frozen=True)
class Sums:
    """Sales by day, and of each day by kind and class of credit."""

    by_day: Mapping[date, Mapping[tuple[str, str], int]]

    def of(self, period: Period, *kinds: str) -> int:
        """Return the sales of the kinds (all of them if none is given)."""
        wanted = kinds or (STORE, ASSISTED, ALONE)
        return sum(
            net
            for day in period.days
            for (kind, _basis), net in self.by_day.get(day, {}).items()
            if kind in wanted
        )

    def online(self, period: Period) -> int:
        """Return the sales that were not made in a store."""
        return self.of(period, ASSISTED, ALONE)

    def by_basis(self, period: Period) -> dict[str, int]:
        """Return the online sales of every class of credit."""
        sums = dict.fromkeys((basis.value for basis in Basis), 0)
        for day in period.days:
            for (kind, basis), net in self.by_day.get(day, {}).items():
                if kind != STORE:
                    sums[basis] += net
        return sums


def read(period: Period, stores: Sequence[Store] | None) -> Sums:
    """Read what the period, the one before and the eight weeks need."""
    first = min(period.before.first, period.weeks[0].first, period.first)
    sold = DailySales.objects.filter(day__range=(first, period.last))
    if stores is not None:
        sold = sold.filter(store__in=stores)
    by_day: dict[date, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in sold.values("day", "channel", "basis").annotate(sum=Sum("net")):
        kind = kind_of(row["channel"], row["basis"])
        own = by_day[row["day"]]
        key = kind, row["basis"]
        own[key] = own.get(key, 0) + row["sum"]
    return Sums(by_day)


@dataclass(frozen=True)
class Standing:
    """How members stood on the days that are shown, by day."""

    rows: Sequence[DailyMembers]

    def at(self, day: date) -> DailyMembers | None:
        """Return the newest figures up to the day."""
        known = [row for row in self.rows if row.day <= day]
        return known[-1] if known else None


def standing(period: Period) -> Standing:
    """Read the members' figures of the period, the one before and the eight weeks."""
    first = min(period.before.first, period.weeks[0].first)
    rows = DailyMembers.objects.filter(day__range=(first, period.last))
    return Standing(list(rows.order_by("day")))


def share(part: int, whole: int) -> int | None:
    """Return a part in basis points, None of nothing."""
    return round(part * WHOLE / whole) if whole else None
