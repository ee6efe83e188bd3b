"""HQ's overview of a period, in a number of queries that is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from apps.core import clock
from apps.reports.models import Freshness
from apps.reports.reports import sums as daily
from apps.reports.reports.kpis import kpis
from apps.reports.reports.period import Period
from apps.reports.reports.shapes import Dashboard, DayBar
from apps.reports.reports.tables import basis_bars, pace_of, store_rows, top_sellers
from apps.reports.reports.waiting import todos
from apps.stores.models import Store


def dashboard(
    period_start: date,
    period_end: date,
    *,
    stores: Sequence[Store] | None,
    now: datetime,
) -> Dashboard:
    """Return the overview of the days, both included; of the stores, or of all.

    Sales come from the daily rollups. The repeat and binding rates and the to-dos are
    the whole brand's, whichever stores are asked for.
    """
    period = Period(period_start, period_end)
    sums = daily.read(period, stores)
    listed = list(Store.objects.filter(is_active=True)) if stores is None else stores
    pace = pace_of(period, clock.day_of(now))
    seen = Freshness.objects.values_list("seen_until", flat=True).first()
    return Dashboard(
        starts_on=period.first,
        ends_on=period.last,
        compared_from=period.before.first,
        compared_to=period.before.last,
        compares_month=period.is_month,
        fresh_at=seen,
        kpis=kpis(period, sums, daily.standing(period)),
        days=tuple(_bar(day, sums) for day in period.days),
        stores=store_rows(period, listed, pace),
        pace=pace,
        bases=basis_bars(period, sums),
        sellers=top_sellers(period, stores),
        todos=todos(now),
    )


def _bar(day: date, sums: daily.Sums) -> DayBar:
    only = Period(day, day)
    return DayBar(
        day,
        store=sums.of(only, daily.STORE),
        assisted=sums.of(only, daily.ASSISTED),
        alone=sums.of(only, daily.ALONE),
    )
