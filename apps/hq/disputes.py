"""HQ's disputes: what waits for a ruling, what was ruled before, and the ruling."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.commissions import reports
from apps.commissions import services as commissions
from apps.commissions.models import Dispute
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

A_PAGE = 50
STATES = [
    ("", gettext_lazy("全部狀態")),
    ("waiting", gettext_lazy("待裁定")),
    ("ruled", gettext_lazy("已裁定")),
    ("ended", gettext_lazy("撤回或逾期")),
]
STATES_OF = {
    "waiting": ["open", "with_hq"],
    "ruled": ["ruled"],
    "ended": ["withdrawn", "expired"],
}


class Filters(forms.Form):
    """What the list may be narrowed by."""

    q = forms.CharField(required=False, max_length=60)
    state = forms.ChoiceField(choices=STATES, required=False)


@require_GET
@may("hq.credits")
def index(request: StaffRequest) -> HttpResponse:
    """List the disputes, those that wait first, and search what was ruled before."""
    filters = Filters(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    found = Dispute.objects.visible_to(request.staff)
    if chosen.get("state"):
        found = found.filter(state__in=STATES_OF[chosen["state"]])
    found = reports.waiting_first(reports.searched(found, chosen.get("q", "")))
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    ids = [row.pk for row in rows]
    shown = reports.waiting_first(Dispute.objects.filter(pk__in=ids))
    context = {
        "nav": "credits",
        "filters": filters,
        "rows": rows,
        "disputes": reports.told(shown, viewer=request.staff, now=clock.now()),
        "is_filtered": any(chosen.values()),
    }
    return page(request, "hq/disputes/index.html", context, fragment="rows")


@require_POST
@may("hq.rule")
def rule(request: StaffRequest, pk: int) -> HttpResponse:
    """Rule on a dispute."""
    dispute = get_object_or_404(Dispute.objects.visible_to(request.staff), pk=pk)
    commissions.rule(
        dispute,
        request.POST.get("outcome", ""),
        reason=request.POST.get("reason", ""),
        by=request.staff,
        now=clock.now(),
    )
    return go(request, reverse("hq:credit", args=[dispute.order_id]))
