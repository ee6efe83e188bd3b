"""Sales by conversation for the store: a manager's stores, a salesperson's own."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.reports.reports import conversations
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import page
from apps.ui.spreadsheets import csv_file


@require_GET
@may("helper.report")
def show(request: StaffRequest) -> HttpResponse:
    """Show sales by conversation of some days."""
    asked = _asked(request)
    context = {
        "nav": "month",
        "asked": asked,
        "report": conversations.report(asked, now=clock.now()),
        "thought": conversations.consideration(asked.scope),
        "today": clock.today(),
        "orders_url": "helper:report_orders",
        "is_manager": request.staff.role == Staff.Role.MANAGER,
    }
    return page(request, "helper/report.html", context, fragment="board")


@require_GET
@may("helper.report")
def export(request: StaffRequest) -> HttpResponse:
    """Hand the report out as a file."""
    asked = _asked(request)
    heads, rows = conversations.table(conversations.report(asked, now=clock.now()))
    return csv_file(f"{asked.file_name}.csv", heads, rows)


@require_GET
@may("helper.report")
def orders(request: StaffRequest) -> HttpResponse:
    """List the orders behind a figure."""
    asked, figure = _asked(request), request.GET.get("figure", conversations.CREDITED)
    if figure not in conversations.FIGURES:
        raise Http404
    context = {
        "nav": "month",
        "asked": asked,
        "figure": figure,
        "behind": conversations.orders_behind(
            asked.scope, figure, number=request.GET.get("page")
        ),
        "why_url": "helper:why",
    }
    return page(request, "helper/report_orders.html", context)


def _asked(request: StaffRequest) -> conversations.Asked:
    """Read the query within what the reader may see: their stores', or their own."""
    who = request.staff
    stores: list[int] | None = None
    person: int | None = who.pk
    if who.role == Staff.Role.MANAGER:
        postings = who.postings.on(clock.today())
        stores, person = list(postings.values_list("store", flat=True)), None
    return conversations.asked_of(
        request.GET.dict(), today=clock.today(), stores=stores, person=person
    )
