"""The salesperson's own links: make one, take it along, see what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink
from apps.attribution.reports.links import orders_of
from apps.catalog.models import Category, Product
from apps.core import clock
from apps.helper import qr
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.staff.services import main_store
from apps.stores.models import Store
from apps.ui.htmx import go, page

A_PAGE, SHOWN = 20, 8
Kind = PromoLink.Kind
KINDS = [
    (Kind.PRODUCT, gettext_lazy("商品")),
    (Kind.CATEGORY, gettext_lazy("分類")),
    (Kind.HOME, gettext_lazy("官網首頁")),
    (Kind.STORE, gettext_lazy("門市頁")),
]


@dataclass(frozen=True)
class Row:
    """A link with the orders that the shop says came by it."""

    link: PromoLink
    orders: int


@require_GET
@may("helper.open")
def index(request: StaffRequest) -> HttpResponse:
    """Show what a link can be made to, and the person's links, newest first."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(KINDS) else Kind.PRODUCT
    search = request.GET.get("q", "").strip()[:60]
    links: QuerySet[Any] = (
        _own(request.staff)
        .annotate(taps=Count("clicks"))
        .order_by("-created_at", "-pk")
    )
    listed = Paginator(links, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "links",
        "kinds": KINDS,
        "kind": kind,
        "search": search,
        "found": _found(kind, search, request.staff),
        "listed": listed,
        "rows": _rows(listed),
    }
    return page(request, "helper/links.html", context, fragment=("found", "own"))


@require_POST
@may("helper.open")
def make(request: StaffRequest) -> HttpResponse:
    """Make a link, or find the one there is, and show it."""
    now = clock.now()
    link = attribution.make_link(
        request.staff,
        main_store(request.staff, clock.day_of(now)),
        member=None,
        now=now,
        **_target(request),
    )
    return go(request, reverse("helper:link", args=[link.pk]))


@require_GET
@may("helper.open")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one link to be sent or scanned, with what became of it."""
    link = get_object_or_404(_own(request.staff).annotate(taps=Count("clicks")), pk=pk)
    context = {
        "nav": "links",
        "link": link,
        "qr": qr.svg(link.url),
        "orders": orders_of([link])[link.code],
        "is_over": bool(link.expires_at and link.expires_at <= clock.now()),
    }
    return page(request, "helper/link.html", context)


@require_POST
@may("helper.open")
def sent(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that the person took the link along."""
    link = get_object_or_404(_own(request.staff), pk=pk)
    attribution.mark_sent(link, now=clock.now())
    return go(request, reverse("helper:link", args=[link.pk]))


def _own(staff: Staff) -> QuerySet[PromoLink]:
    return PromoLink.objects.filter(staff=staff).select_related(
        "product", "category", "place", "member"
    )


def _rows(listed: Page[PromoLink]) -> list[Row]:
    counts = orders_of(list(listed))
    return [Row(link, counts[link.code]) for link in listed]


def _found(kind: str, search: str, staff: Staff) -> list[Any]:
    """Return what the person may make a link of that kind to."""
    if kind == Kind.PRODUCT:
        products = Product.objects.on_sale().matching(search).select_related("category")
        return list(products.order_by("-pk")[:SHOWN])
    if kind == Kind.CATEGORY:
        return list(Category.objects.filter(products__is_active=True).distinct())
    if kind == Kind.STORE:
        return list(_stores(staff))
    return []


def _stores(staff: Staff) -> QuerySet[Store]:
    postings = staff.postings.on(clock.today())
    return Store.objects.filter(pk__in=postings.values("store"))


def _target(request: StaffRequest) -> dict[str, Any]:
    """Read what the link is to lead to; what the person may not choose is a 404."""
    kind, pk = request.POST.get("kind", ""), request.POST.get("pk", "")
    if kind == Kind.HOME:
        return {}
    choices: dict[str, tuple[str, QuerySet[Any]]] = {
        Kind.PRODUCT: ("product", Product.objects.on_sale()),
        Kind.CATEGORY: ("category", Category.objects.all()),
        Kind.STORE: ("place", _stores(request.staff)),
    }
    if kind not in choices or not pk.isdecimal():
        raise Http404
    name, among = choices[kind]
    return {name: get_object_or_404(among, pk=int(pk))}
