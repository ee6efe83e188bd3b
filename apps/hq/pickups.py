"""Goods at the stores as HQ sees them, and scans at counters that came to nothing."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.conversations import services as conversations
from apps.core import clock
from apps.orders import services as orders
from apps.orders.models import Pickup, StorePayment, WriteOff
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

A_PAGE = 50
MOST_SCANS = 30
OPEN = ("placed", "picking", "ready", "partial", "expired")
# What the texts to customers say in place of the order's own.
SAMPLE = {
    "store": "台北中山店",
    "until": "12/01 20:00",
    "url": "https://…/m/pickups/…/",
}


@require_GET
@may("hq.pickups")
def index(request: StaffRequest) -> HttpResponse:
    """List what lies at the stores, what is to be followed up, what customers read."""
    state = request.GET.get("state", "")
    chosen = [state] if state in Pickup.State.values else OPEN
    found = Pickup.objects.filter(state__in=chosen).select_related(
        "order__member", "store", "order__store_payment"
    )
    scans = WriteOff.objects.to_follow_up().select_related("staff", "store")
    waiting = StorePayment.objects.filter(state=StorePayment.State.WAITING)
    context = {
        "nav": "pickups",
        "states": Pickup.State.choices,
        "state": state,
        "rows": Paginator(found.order_by("-placed_at", "-pk"), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "scans": scans.order_by("-received_at")[:MOST_SCANS],
        "to_follow_up": WriteOff.objects.to_follow_up().count(),
        "waiting": waiting.filter(order__paid_at=None).count(),
        "texts": [str(text) % SAMPLE for text in conversations.PICKUP_TEXTS.values()],
    }
    return page(request, "hq/pickups/index.html", context, fragment="rows")


@require_POST
@may("hq.pickups")
def settle(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what came of a scan that was refused."""
    row = get_object_or_404(WriteOff, pk=pk)
    outcome = request.POST.get("outcome", "")
    orders.settle(row, outcome=outcome, by=request.staff, now=clock.now())
    return go(request, reverse("hq:pickups"))
