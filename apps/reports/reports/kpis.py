"""The key figures, each with its change and its last eight weeks."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from apps.reports.models import DailyMembers
from apps.reports.reports.period import Period
from apps.reports.reports.shapes import Kpi
from apps.reports.reports.sums import ASSISTED, Standing, Sums, share
from apps.ui.words import count, percent, wan


def kpis(period: Period, sums: Sums, members: Standing) -> tuple[Kpi, ...]:
    """Return the five figures at the head of the dashboard."""
    return (
        _money("sales", _("全通路業績"), period, sums.of, _compared(period)),
        _share(
            "online",
            _("線上業績占比"),
            period,
            _online(sums),
            _online_note(period, sums),
        ),
        _money(
            "assisted",
            _("店員導購業績"),
            period,
            lambda span: sums.of(span, ASSISTED),
            _assisted_note(period, sums),
        ),
        _share(
            "repeat",
            _("90 天回購率"),
            period,
            _repeat(members),
            _repeat_note(period, members),
        ),
        _share(
            "bound",
            _("LINE 綁定率"),
            period,
            _bound(members),
            _bound_note(period, members),
        ),
    )


def _money(
    code: str, label: str, period: Period, figure: Callable[[Period], int], note: str
) -> Kpi:
    value, was = figure(period), figure(period.before)
    change = (value - was) * 100 / was if was > 0 else None
    spark = tuple(figure(week) for week in period.weeks)
    return Kpi(code, label, "money", value, change, note, spark)


def _share(
    code: str,
    label: str,
    period: Period,
    figure: Callable[[Period], int | None],
    note: str,
) -> Kpi:
    value, was = figure(period), figure(period.before)
    change = None if value is None or was is None else (value - was) / 100
    spark = tuple(figure(week) or 0 for week in period.weeks)
    return Kpi(code, label, "share", value, change, note, spark)


def _compared(period: Period) -> str:
    return _("較上月同期") if period.is_month else _("較前一期")


def _online(sums: Sums) -> Callable[[Period], int | None]:
    return lambda span: share(sums.online(span), sums.of(span))


def _online_note(period: Period, sums: Sums) -> str:
    return _("線上業績 %(amount)s") % {"amount": wan(sums.online(period))}


def _assisted_note(period: Period, sums: Sums) -> str:
    part = share(sums.of(period, ASSISTED), sums.online(period))
    return _("占線上業績 %(share)s") % {"share": percent(part or 0)}


def _of_members(
    members: Standing, figure: Callable[[DailyMembers], int | None]
) -> Callable[[Period], int | None]:
    def at_the_end(span: Period) -> int | None:
        row = members.at(span.last)
        return figure(row) if row else None

    return at_the_end


def _repeat(members: Standing) -> Callable[[Period], int | None]:
    return _of_members(members, lambda row: share(row.repeaters, row.buyers))


def _repeat_note(period: Period, members: Standing) -> str:
    row = members.at(period.last)
    return _("%(n)s 位顧客再次購買") % {"n": count(row.repeaters if row else 0)}


def _bound(members: Standing) -> Callable[[Period], int | None]:
    return _of_members(members, lambda row: share(row.bound, row.members))


def _bound_note(period: Period, members: Standing) -> str:
    row = members.at(period.last)
    return _("已綁定 %(n)s 位會員") % {"n": count(row.bound if row else 0)}
