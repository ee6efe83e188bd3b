"""Why an order was credited as it was, for the salespeople it concerns."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from apps.attribution.querysets import explainable_to
from apps.attribution.reports import explain
from apps.commissions import reports as commissions
from apps.commissions.models import Dispute
from apps.core import clock
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page


@require_GET
@may("helper.credits")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Explain an order to whom it concerns; the sum is of the reader's own part."""
    found = explainable_to(request.staff).select_related("member", "store")
    order = get_object_or_404(found, pk=pk)
    now = clock.now()
    context = {
        "nav": "month",
        "told": explain(order, viewer=request.staff, now=now),
        "sums": commissions.arithmetic(order, staff=request.staff),
        "contestable": commissions.contestable(order, viewer=request.staff, now=now),
        "disputes": commissions.told(
            Dispute.objects.visible_to(request.staff).filter(order=order),
            viewer=request.staff,
            now=now,
        ),
        "in_full": "all" in request.GET,
    }
    return page(request, "helper/why.html", context, fragment="journey")
