"""The links that were sent, and what they were opened with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from apps.attribution.models import Click, PromoLink
from apps.attribution.reports.links import orders_of
from apps.core import clock
from apps.reports.reports.conversations.shapes import Scope, ratio

A_PAGE = 50


@dataclass(frozen=True)
class SentLink:
    """A link with how often it was opened and the orders that came by it."""

    link: PromoLink
    taps: int
    orders: int


@dataclass(frozen=True)
class SentLinks:
    """A page of links, the newest first."""

    page: Page[PromoLink]
    rows: tuple[SentLink, ...]


@dataclass(frozen=True)
class Part:
    """A part of the clicks, in basis points of all of them."""

    label: str
    clicks: int
    share: int


@dataclass(frozen=True)
class OpenedWith:
    """What links were opened with in the days: devices, systems, apps' own browsers."""

    clicks: int
    devices: tuple[Part, ...]
    systems: tuple[Part, ...]
    apps: tuple[Part, ...]


def sent_links(scope: Scope, *, number: str | None) -> SentLinks:
    """Return the links first sent in the days, a page at a time."""
    found: QuerySet[Any] = (
        PromoLink.objects.filter(_whose(scope, ""), **_within(scope, "sent_at"))
        .select_related("staff", "store", "member", "product", "category", "place")
        .annotate(taps=Count("clicks"))
        .order_by("-sent_at", "-pk")
    )
    page = Paginator(found, A_PAGE).get_page(number)
    orders = orders_of(list(page))
    rows = tuple(SentLink(each, each.taps, orders[each.code]) for each in page)
    return SentLinks(page, rows)


def opened_with(scope: Scope) -> OpenedWith:
    """Return what the clicks of the days were made with."""
    clicks = Click.objects.filter(_whose(scope, "link__"), **_within(scope, "at"))
    rows = list(
        clicks.values_list("device", "system", "in_app").annotate(n=Count("pk"))
    )
    return OpenedWith(
        clicks=sum(n for *_what, n in rows),
        devices=_parts([(device, n) for device, _s, _a, n in rows], Click.Device),
        systems=_parts([(system, n) for _d, system, _a, n in rows], Click.System),
        apps=_parts([(app, n) for _d, _s, app, n in rows], Click.App),
    )


def _parts(
    counted: Sequence[tuple[str, int]],
    labels: type[Click.Device | Click.System | Click.App],
) -> tuple[Part, ...]:
    sums = dict.fromkeys(labels.values, 0)
    for value, n in counted:
        sums[value] += n
    whole = sum(sums.values())
    parts = [
        Part(str(labels(value).label), n, ratio(n, whole) or 0)
        for value, n in sums.items()
        if n
    ]
    return tuple(sorted(parts, key=lambda part: -part.clicks))


def _within(scope: Scope, name: str) -> dict[str, object]:
    return {
        f"{name}__gte": clock.start_of(scope.first),
        f"{name}__lt": clock.end_of(scope.last),
    }


def _whose(scope: Scope, prefix: str) -> Q:
    """Return the condition of the scope; nobody's and no store's are 0."""
    whose = Q()
    if scope.person is not None:
        whose &= Q((f"{prefix}staff", scope.person))
    if scope.stores is not None:
        none = Q((f"{prefix}store__isnull", True)) if 0 in scope.stores else Q()
        whose &= Q((f"{prefix}store__in", scope.stores)) | none
    return whose
