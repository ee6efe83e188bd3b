"""HQ's refunds: whose commission each took back, and who is to bear it."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.commissions import reports
from apps.commissions import services as commissions
from apps.core import clock
from apps.orders.models import Refund
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import go, page

A_PAGE = 50
STATES = [
    ("", gettext_lazy("全部")),
    (reports.ABSORBED, gettext_lazy("總部吸收")),
    (reports.BORNE, gettext_lazy("店員負擔")),
]


class Filters(forms.Form):
    """What the list may be narrowed by."""

    month = forms.CharField(required=False, max_length=7)
    state = forms.ChoiceField(choices=STATES, required=False)

    def asked(self) -> tuple[date | None, str]:
        """Return month and state; what makes no sense is left out."""
        self.is_valid()
        try:
            month = date.fromisoformat(f"{self.cleaned_data.get('month', '')}-01")
        except ValueError:
            month = None
        return month, self.cleaned_data.get("state", "")


@require_GET
@may("hq.commissions")
def index(request: StaffRequest) -> HttpResponse:
    """List what refunds took back of whom, with the sums by who bears it."""
    filters = Filters(request.GET)
    month, state = filters.asked()
    found = reports.fault_rows(month=month, state=state)
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "settlements",
        "filters": filters,
        "month": month,
        "rows": rows,
        "faults": reports.faults(rows),
        "sums": reports.fault_sums(found),
        "is_filtered": bool(month or state),
    }
    return page(request, "hq/faults/index.html", context, fragment="rows")


@require_POST
@may("hq.commissions")
def rule(request: StaffRequest, pk: int, staff_pk: int) -> HttpResponse:
    """Let the person bear the refund, or the house."""
    refund = get_object_or_404(Refund, pk=pk)
    commissions.rule_refund(
        refund,
        get_object_or_404(Staff, pk=staff_pk),
        request.POST.get("outcome", ""),
        reason=request.POST.get("reason", ""),
        by=request.staff,
        now=clock.now(),
    )
    return go(request, reverse("hq:credit", args=[refund.order_id]) + "#faults")
