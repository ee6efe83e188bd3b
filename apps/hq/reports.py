"""HQ's reports of conversations: the figures, the orders behind one, the links."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.reports.reports import conversations, links
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.stores.models import Store
from apps.ui.htmx import page
from apps.ui.spreadsheets import csv_file


@require_GET
@may("hq.reports")
def show(request: StaffRequest) -> HttpResponse:
    """Show sales by conversation of some days: by person, store or stretch of days."""
    asked = _asked(request)
    context = {
        "nav": "conversations",
        "asked": asked,
        "report": conversations.report(asked, now=clock.now()),
        "thought": conversations.consideration(asked.scope),
        "today": clock.today(),
        "orders_url": "hq:conversation_orders",
        **_choices(),
    }
    return page(request, "hq/reports/conversations.html", context, fragment="board")


@require_GET
@may("hq.reports")
def export(request: StaffRequest) -> HttpResponse:
    """Hand the report out as a file."""
    asked = _asked(request)
    heads, rows = conversations.table(conversations.report(asked, now=clock.now()))
    return csv_file(f"{asked.file_name}.csv", heads, rows)


@require_GET
@may("hq.reports")
def orders(request: StaffRequest) -> HttpResponse:
    """List the orders behind a figure."""
    asked, figure = _asked(request), request.GET.get("figure", conversations.CREDITED)
    if figure not in conversations.FIGURES:
        raise Http404
    context = {
        "nav": "conversations",
        "asked": asked,
        "figure": figure,
        "behind": conversations.orders_behind(
            asked.scope, figure, number=request.GET.get("page")
        ),
        "why_url": "hq:credit",
    }
    return page(request, "hq/reports/orders.html", context)


@require_GET
@may("hq.reports")
def sent_links(request: StaffRequest) -> HttpResponse:
    """List the links sent in some days, with what became of each."""
    asked = _asked(request)
    context = {
        "nav": "links",
        "asked": asked,
        "links": links.sent_links(asked.scope, number=request.GET.get("page")),
        "opened": links.opened_with(asked.scope),
        "today": clock.today(),
        **_choices(),
    }
    return page(request, "hq/reports/links.html", context, fragment="board")


def _asked(request: StaffRequest) -> conversations.Asked:
    return conversations.asked_of(request.GET.dict(), today=clock.today())


def _choices() -> dict[str, Any]:
    sellers = Staff.objects.filter(role__in=["manager", "salesperson"])
    return {
        "stores": Store.objects.filter(is_active=True),
        "people": sellers.order_by("code"),
    }
