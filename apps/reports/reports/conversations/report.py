"""The report of sales by conversation: a row a person, store or stretch of days."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta

from django.utils.dateformat import format as in_words
from django.utils.translation import gettext as _

from apps.core import clock
from apps.reports.reports.conversations.asked import Asked, within
from apps.reports.reports.conversations.figures import TOTAL, brand, gather, pending
from apps.reports.reports.conversations.shapes import (
    HOUSE,
    Figures,
    Line,
    Report,
    ratio,
)
from apps.staff.models import Posting, Staff
from apps.stores.models import Store

Named = dict[Hashable, tuple[str, str]]


def report(asked: Asked, *, now: datetime) -> Report:
    """Return the report of the days asked for, read from the facts as they are now.

    The online and the in-store sales of its rows add up to the credits in force less
    what was given back of them.
    """
    figures = gather(asked.scope, asked.group)
    total = figures.pop(TOTAL)
    orders, revenue = brand(asked.scope)
    mean = round(revenue / orders) if orders else None
    named = _names(asked, figures)
    lines = [
        _line(own, named[key], _orders_of(asked, key), revenue, mean, key)
        for key, own in figures.items()
    ]
    return Report(
        scope=asked.scope,
        group=asked.group,
        lines=tuple(sorted(lines, key=_order_of(asked))),
        total=_line(total, (_("合計"), ""), asked.orders_query(), revenue, mean, TOTAL),
        mean=mean,
        pending=pending(asked.scope),
        seen_at=now,
    )


def _line(
    own: Figures,
    name: tuple[str, str],
    query: str,
    revenue: int,
    mean: int | None,
    key: Hashable,
) -> Line:
    gap = None
    if own.aov is not None and mean:
        gap = (own.aov - mean) * 100 / mean
    return Line(
        label=name[0],
        note=name[1],
        query=query,
        figures=own,
        share=ratio(own.revenue, revenue),
        aov_gap=gap,
        starts_on=key if isinstance(key, date) else None,
    )


def _order_of(asked: Asked) -> Callable[[Line], tuple[int, int, str]]:
    """Return the order of the rows: the newest, else the highest sales first."""

    def order(line: Line) -> tuple[int, int, str]:
        if line.starts_on:
            return -line.starts_on.toordinal(), 0, ""
        return -line.figures.revenue, -line.figures.messages, line.label

    return order


def _orders_of(asked: Asked, key: Hashable) -> str:
    """Return the query of the orders behind a row."""
    if asked.group in {"person", "store"}:
        return asked.orders_query(**{asked.group: key})
    first, last = _stretch(asked.group, key)
    return within(asked, first, last).orders_query()


def _stretch(group: str, key: Hashable) -> tuple[date, date]:
    if not isinstance(key, date):
        raise TypeError(f"no day: {key}")
    if group == "month":
        return key, clock.next_month(key) - timedelta(days=1)
    return key, key + timedelta(days=6 if group == "week" else 0)


def _names(asked: Asked, figures: dict[Hashable, Figures]) -> Named:
    if asked.group == "person":
        return _people([key for key in figures if isinstance(key, int)], asked)
    if asked.group == "store":
        return _stores([key for key in figures if isinstance(key, int)])
    return {key: _told(asked.group, key) for key in figures}


def _told(group: str, key: Hashable) -> tuple[str, str]:
    first, last = _stretch(group, key)
    if group == "month":
        return in_words(first, _("Y/n")), ""
    if group == "week":
        return f"{first.month}/{first.day} – {last.month}/{last.day}", ""
    return f"{first.month}/{first.day}", in_words(first, "D")


def _people(keys: list[int], asked: Asked) -> Named:
    people = Staff.objects.in_bulk([key for key in keys if key != HOUSE])
    postings = Posting.objects.on(asked.scope.last).filter(staff__in=people)
    at = {
        posting.staff_id: posting.store.label
        for posting in postings.select_related("store").order_by("is_main", "-pk")
    }
    named: Named = {HOUSE: (_("總部或自主下單"), "")}
    return named | {pk: (who.label, at.get(pk, "")) for pk, who in people.items()}


def _stores(keys: list[int]) -> Named:
    stores = Store.objects.in_bulk([key for key in keys if key != HOUSE])
    named: Named = {HOUSE: (_("未歸門市"), "")}
    return named | {pk: (store.label, "") for pk, store in stores.items()}
