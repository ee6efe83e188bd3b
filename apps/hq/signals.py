"""HQ's signals: what may be worth a look, and who has looked."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.reports import services as reports
from apps.reports.reports.signals import signals
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page


@require_GET
@may("hq.signals")
def index(request: StaffRequest) -> HttpResponse:
    """List the signals, those that nobody has looked at first."""
    found = signals(now=clock.now())
    seen = request.GET.get("seen") == "1"
    context = {
        "nav": "signals",
        "signals": [each for each in found if each.is_open is not seen],
        "seen": seen,
        "open": sum(each.is_open for each in found),
        "looked_at": sum(not each.is_open for each in found),
    }
    return page(request, "hq/reports/signals.html", context)


@require_POST
@may("hq.signals")
def review(request: StaffRequest) -> HttpResponse:
    """Mark a signal as looked at."""
    subject = request.POST.get("subject", "")
    if not subject.isdecimal():
        raise Http404
    reports.review_signal(
        request.POST.get("kind", ""),
        int(subject),
        note=request.POST.get("note", ""),
        by=request.staff,
        now=clock.now(),
    )
    return go(request, reverse("hq:signals"))
