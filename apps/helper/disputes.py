"""Disputes in the helper: one's own, a manager's to rule on, and the objection."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.attribution.querysets import explainable_to
from apps.commissions import reports
from apps.commissions import services as commissions
from apps.commissions.models import Dispute
from apps.core import clock
from apps.orders.models import OrderLine
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

MOST = 100


@require_GET
@may("helper.disputes")
def index(request: StaffRequest) -> HttpResponse:
    """List the disputes that the reader is a side of or may rule on."""
    seen = reports.waiting_first(Dispute.objects.visible_to(request.staff))[:MOST]
    context = {
        "nav": "month",
        "disputes": reports.told(seen, viewer=request.staff, now=clock.now()),
    }
    return page(request, "helper/disputes.html", context, fragment="board")


@require_POST
@may("helper.disputes")
def open_(request: StaffRequest, pk: int) -> HttpResponse:
    """Object to the credit of a line."""
    orders = explainable_to(request.staff).values("pk")
    line = get_object_or_404(OrderLine, pk=pk, order__in=orders)
    commissions.open_dispute(
        line, by=request.staff, reason=request.POST.get("reason", ""), now=clock.now()
    )
    return go(request, reverse("helper:why", args=[line.order_id]))


@require_POST
@may("helper.disputes")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one's own objection back."""
    dispute = get_object_or_404(Dispute, pk=pk, staff=request.staff)
    commissions.withdraw_dispute(dispute, by=request.staff, now=clock.now())
    return go(request, reverse("helper:disputes"))


@require_POST
@may("helper.disputes")
def rule(request: StaffRequest, pk: int) -> HttpResponse:
    """Rule on a dispute of one's store, for its manager."""
    dispute = get_object_or_404(Dispute.objects.rulable_by(request.staff), pk=pk)
    commissions.rule(
        dispute,
        request.POST.get("outcome", ""),
        reason=request.POST.get("reason", ""),
        by=request.staff,
        now=clock.now(),
    )
    return go(request, reverse("helper:disputes"))


@require_POST
@may("helper.disputes")
def pass_on(request: StaffRequest, pk: int) -> HttpResponse:
    """Leave the ruling to HQ, for the store's manager."""
    dispute = get_object_or_404(Dispute.objects.rulable_by(request.staff), pk=pk)
    commissions.pass_dispute_on(dispute, by=request.staff, now=clock.now())
    return go(request, reverse("helper:disputes"))
