"""One field for all: members, orders and people."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from apps.hq.members import matching
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff import rules
from apps.staff.access import StaffRequest, may
from apps.staff.models import Staff
from apps.ui.htmx import page

MOST = 8


@require_GET
@may("hq.open")
def index(request: StaffRequest) -> HttpResponse:
    """Show the best few of each kind the viewer may open."""
    search = request.GET.get("q", "").strip()[:60]
    viewer = request.staff
    context: dict[str, Any] = {"nav": "search", "search": search}
    if search and rules.may(viewer.role, "hq.members"):
        found = matching(Member.objects.visible_to(viewer), search)
        context["members"] = found.select_related("standing__tier")[:MOST]
    if search:
        context["orders"] = Order.objects.filter(
            external_id__istartswith=search
        ).select_related("member", "store")[:MOST]
    if search and rules.may(viewer.role, "hq.staff"):
        context["people"] = Staff.objects.filter(
            Q(name__icontains=search) | Q(name_en__icontains=search) | Q(code=search)
        )[:MOST]
    return page(request, "hq/search.html", context)
