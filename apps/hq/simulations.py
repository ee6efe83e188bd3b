"""HQ watches a draft being tried on a period, and compares what it would change."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.attribution import services as attribution
from apps.attribution.models import Simulation
from apps.attribution.reports import simulation as report
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

A_PAGE = 30
DIMENSIONS = [
    (report.STORE, gettext_lazy("門市")),
    (report.PERSON, gettext_lazy("店員")),
    (report.CLASS, gettext_lazy("認列方式")),
]


@require_GET
@may("hq.credits")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show how far the simulation is, and once it is done what it found."""
    found = Simulation.objects.select_related("draft", "started_by")
    row = get_object_or_404(found, pk=pk)
    context = {"nav": "policies", "simulation": row}
    if row.is_done:
        context |= _found(request, row)
    return page(request, "hq/simulations/show.html", context, fragment="result")


@require_POST
@may("hq.credit_policy")
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop the simulation."""
    row = get_object_or_404(Simulation, pk=pk)
    attribution.cancel_simulation(row, by=request.staff, now=clock.now())
    return redirect("hq:simulation", pk)


def _found(request: StaffRequest, row: Simulation) -> dict[str, Any]:
    """Return the comparison asked for and a page of the lines that would move."""
    asked = request.GET.get("by", report.STORE)
    by = asked if asked in report.KEYS else report.STORE
    rows = Paginator(report.changes(row), A_PAGE).get_page(request.GET.get("page"))
    draft = row.draft
    can_publish = draft and draft.published_as_id is None and draft.rules == row.rules
    return {
        "by": by,
        "dimensions": DIMENSIONS,
        "comparison": report.comparison(row, by),
        "rows": rows,
        "moved": report.told(row, list(rows)),
        "can_publish": can_publish,
    }
