"""The salesperson's own month: what was credited, what it pays, and each reason."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from apps.commissions import reports as commissions
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

MONTHS_BACK = 12


@require_GET
@may("helper.credits")
def show(request: StaffRequest) -> HttpResponse:
    """Show this month, or an earlier one of the last year."""
    now = clock.now()
    this = clock.month_of(now)
    month = _month(request.GET.get("month", ""), this=this)
    context = {
        "nav": "month",
        "now": now,
        "month": commissions.month_of(request.staff, month, now=now),
        "is_current": month == this,
        "earlier": _before(month) if month > _oldest(this) else None,
        "later": clock.next_month(month) if month < this else None,
    }
    return page(request, "helper/month.html", context, fragment="board")


def _month(text: str, *, this: date) -> date:
    """Return the month asked for (2026-11); none, or one out of reach, is this one."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return month if _oldest(this) <= month <= this else this


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _oldest(this: date) -> date:
    for _step in range(MONTHS_BACK):
        this = _before(this)
    return this
