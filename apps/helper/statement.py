"""One's own statement of a month: every entry with its reason, to print or take."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from apps.commissions import reports
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page
from apps.ui.spreadsheets import table_file


@require_GET
@may("helper.credits")
def show(request: StaffRequest, month: str) -> HttpResponse:
    """Show the reader's month."""
    told = reports.statement_of(request.staff, _month(month), now=clock.now())
    return page(request, "helper/statement.html", {"nav": "month", "told": told})


@require_GET
@may("helper.credits")
def export(request: StaffRequest, month: str) -> HttpResponse:
    """Hand the reader's month out as a file."""
    return _file(request, month, kind="csv")


@require_GET
@may("helper.credits")
def export_xlsx(request: StaffRequest, month: str) -> HttpResponse:
    """Hand the reader's month out as a workbook."""
    return _file(request, month, kind="xlsx")


def _file(request: StaffRequest, month: str, *, kind: str) -> HttpResponse:
    told = reports.statement_of(request.staff, _month(month), now=clock.now())
    heads, rows = reports.statement_rows(told)
    name = f"statement-{month}-{request.staff.code}"
    return table_file(name, heads, rows, kind=kind)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404 from wrong
