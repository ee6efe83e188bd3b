"""The customer's points and tier: what there is, what came and went, and a code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointEntry, PointLot
from apps.loyalty.reports import telling
from apps.reports.rights import rights_of
from apps.shopper import brand, signin
from apps.shopper.refusals import friendly
from apps.shopper.session import Customer, customer_of
from apps.staff.access import open_to_all

ENTRIES, LOTS = 60, 6


@open_to_all
@require_GET
@friendly
def index(request: HttpRequest) -> HttpResponse:
    """Show the points, those that die next, and the latest entries."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.POINTS)
    return _show(request, customer)


@open_to_all
@require_POST
@friendly
def upgrade(request: HttpRequest) -> HttpResponse:
    """Lift the customer by a code; say why not beside the field."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:points")
    code = request.POST.get("code", "")[:40]
    try:
        loyalty.redeem_upgrade_code(customer.member, code, now=clock.now())
    except Refused as refusal:
        return _show(request, customer, code=code, wrong=refusal.message)
    return redirect(f"{reverse('shopper:points')}?came=upgraded")


def _show(
    request: HttpRequest, customer: Customer, *, code: str = "", wrong: str = ""
) -> HttpResponse:
    member, now = customer.member, clock.now()
    dying = PointLot.objects.filter(
        member=member, remaining__gt=0, expires_at__gt=now, available_at__lte=now
    )
    entries = PointEntry.objects.filter(member=member).exclude(kind="release")
    context = {
        "rights": rights_of(member, now=now),
        "pauses": loyalty.pauses_now(now),
        "waiting": list(telling.tell_waiting(member, now=now, most=LOTS)),
        "dying": dying.order_by("expires_at", "pk")[:LOTS],
        "entries": entries.order_by("-pk")[:ENTRIES],
        "ticket": customer.ticket,
        "code": code,
        "wrong": wrong,
        "is_upgraded": request.GET.get("came") == "upgraded",
    }
    status = 422 if wrong else 200
    return brand.show(request, "shopper/points.html", context, status=status)
