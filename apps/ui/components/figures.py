"""Figures as small drawings and in words: meters, sparklines, changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.core import clock
from apps.ui import words

register = template.Library()


@register.simple_tag
def meter(
    value: float | None,
    state: str = "",
    label: str = "",
    *,
    of: float = 100,
    size: str = "",
    series: str = "",
) -> SafeString:
    """Draw progress: `value` of `of`; state ok or late; size lg; series c1 to c6.

    With a label it is announced; without one the figure beside it speaks.
    """
    share = 0.0 if not of else max(0.0, min(100.0, (value or 0) * 100 / of))
    spoken = mark_safe(' aria-hidden="true"')
    if label:
        spoken = format_html(
            ' role="progressbar" aria-label="{}" aria-valuemin="0"'
            ' aria-valuemax="100" aria-valuenow="{}"',
            label,
            round(share),
        )
    return format_html(
        '<svg class="{}" data-state="{}" data-k="{}"{}>'
        '<rect width="{}%" height="100%"/></svg>',
        f"meter meter--{size}" if size else "meter",
        state,
        series,
        spoken,
        f"{share:.1f}",
    )


@register.simple_tag
def shares(values: Sequence[float]) -> SafeString:
    """Draw one bar split by the values, in the order of the series c1 to c6."""
    total = sum(values) or 1
    starts = [sum(values[:place]) for place in range(len(values))]
    rects = format_html_join(
        "",
        '<rect data-k="c{}" x="{}%" width="{}%" height="100%"/>',
        (
            (place % 6 + 1, f"{start * 100 / total:.2f}", f"{value * 100 / total:.2f}")
            for place, (start, value) in enumerate(zip(starts, values, strict=True))
        ),
    )
    return format_html('<svg class="split" aria-hidden="true">{}</svg>', rects)


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    """Draw a small line of the values, 60 by 24; fewer than two draw nothing."""
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    step, height = 64 / (len(values) - 1), 24 / ((high - low) or 1)
    line = "M" + "L".join(
        f"{place * step:.1f} {26 - (value - low) * height:.1f}"
        for place, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 64 28" aria-hidden="true">'
        '<path class="spark__fill" d="{}L64 28L0 28Z"/><path d="{}"/></svg>',
        line,
        line,
    )


@register.simple_tag
def delta(
    change: float | None, unit: str = "%", *, down_is_good: bool = False
) -> SafeString:
    """Write a change with its direction in shape, colour and (hidden) words.

    `unit` is "%" or "points", the difference of two percentages.
    """
    if change is None:
        return format_html('<span class="delta dim">{}</span>', "—")
    size = abs(round(change, 1))
    if not size:
        return format_html('<span class="delta dim">{}</span>', _("持平"))
    rises = change > 0
    figure = words.points(size) if unit == "points" else f"{size:,.1f}{unit}"
    return format_html(
        '<span class="delta" data-dir="{}" data-tone="{}">'
        '<span class="vh">{}</span>{}</span>',
        "up" if rises else "down",
        "bad" if rises is down_is_good else "ok",
        _("上升") if rises else _("下降"),
        figure,
    )


@register.simple_tag(name="money")
def money_tag(amount: int | None) -> str:
    """Write an amount: NT$5,480; nothing known is a dash."""
    return "—" if amount is None else words.money(amount)


@register.filter
def wan(amount: float | None) -> str:
    """Write an aggregate short: 318 萬; in English 3.2M."""
    return "—" if amount is None else words.wan(amount)


@register.filter
def dollars(amount: int | None) -> str:
    """Write an amount where a tag cannot stand: NT$5,480."""
    return money_tag(amount)


@register.filter
def figure(number: int | None) -> str:
    """Write a whole number with separators."""
    return "—" if number is None else words.count(number)


@register.filter
def percent(basis_points: float | None) -> str:
    """Write a share given in basis points: 36.8%."""
    return "—" if basis_points is None else words.percent(basis_points)


@register.filter
def points_of_pct(difference: float | None) -> str:
    """Write the difference of two percentages: 0.8 點."""
    return "—" if difference is None else words.points(difference)


@register.filter
def masked(number: str | None) -> str:
    """Hide the middle of a telephone number: 0912-***-678."""
    return words.masked_phone(number or "")


@register.filter
def ago(moment: datetime | None) -> str:
    """Write a past moment as people say it."""
    return "" if moment is None else words.ago(moment, now=clock.now())


@register.filter
def waited(since: datetime | None) -> str:
    """Write how long somebody has waited: 等 12 分."""
    return "" if since is None else words.waited(since, now=clock.now())


@register.filter
def shortday(value: date | datetime | None) -> str:
    """Write a day with its weekday: 11/22(日)."""
    if value is None:
        return ""
    return words.short_day(words.as_day(value), today=clock.today())
