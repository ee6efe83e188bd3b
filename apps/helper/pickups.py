"""Goods that customers fetch at the person's stores: lay out, hand over, put back."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.conversations import services as conversations
from apps.core import clock
from apps.helper import payments
from apps.orders import services as orders
from apps.orders.models import OrderLine, Pickup
from apps.orders.querysets import PickupQuerySet
from apps.orders.rules import codes
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

A_PAGE = 30
OPEN = ("placed", "picking", "ready", "partial", "expired")


@require_GET
@may("helper.pickups")
def index(request: StaffRequest) -> HttpResponse:
    """List what is to be done, by state; a scanned or typed code opens its pickup."""
    found = _found(request)
    asked = request.GET.get("code", "").strip()[:120]
    hit = found.filter(code=codes.read(asked)).first() if asked else None
    if hit is None and asked:
        hit = found.filter(order__external_id__iexact=asked).first()
    if hit is not None:
        return HttpResponseRedirect(reverse("helper:pickup", args=[hit.pk]))
    state = request.GET.get("state", "")
    chosen = [state] if state in Pickup.State.values else OPEN
    first = OrderLine.objects.filter(quantity__gt=0)
    rows = (
        found.filter(state__in=chosen)
        .prefetch_related(Prefetch("order__lines", first, to_attr="bought"))
        .order_by("-placed_at", "-pk")
    )
    context = {
        "nav": "today",
        "states": Pickup.State.choices,
        "state": state,
        "asked": asked,
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "helper/pickups/index.html", context, fragment="rows")


@require_GET
@may("helper.pickups")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one pickup and what may be done with it now."""
    pickup = _pickup(request, pk)
    lines = pickup.lines.select_related("line__product")
    context = {
        "nav": "today",
        "pickup": pickup,
        "lines": [(line, line.quantity - line.collected) for line in lines],
        "code": codes.grouped(pickup.code),
        "due": pickup.order.net + pickup.order.shipping,
        "form": payments.PayForm(),
        "told": conversations.pickup_notices(pickup),
        "refunds": pickup.order.refunds.filter(amount__gt=0).order_by("refunded_at"),
    }
    return page(request, "helper/pickups/show.html", context)


@require_POST
@may("helper.pickups")
def pick(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that the goods are being looked for."""
    pickup = _pickup(request, pk)
    orders.start_picking(pickup, by=request.staff, now=clock.now())
    return go(request, reverse("helper:pickup", args=[pk]))


@require_POST
@may("helper.pickups")
@transaction.atomic
def ready(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that the goods lie ready, and tell the customer until when."""
    now = clock.now()
    pickup = orders.make_ready(_pickup(request, pk), by=request.staff, now=now)
    conversations.tell_pickup_ready(pickup, now=now)
    return go(request, reverse("helper:pickup", args=[pk]))


@require_POST
@may("helper.pickups")
def pay(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the payment of an order that is fetched before it is paid."""
    payments.pay(request, _pickup(request, pk).order)
    return go(request, reverse("helper:pickup", args=[pk]))


@require_POST
@may("helper.pickups")
def hand(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand the goods over, all or some; what is refunded at the last is shown first."""
    pickup, now = _pickup(request, pk), clock.now()
    given, is_last = _given(request, pickup), bool(request.POST.get("is_last"))
    if is_last and not request.POST.get("seen"):
        short = orders.foresee_short(pickup, given, now=now)
        if short.lines:
            return _ask(request, pickup, given, short)
    orders.hand_over(pickup, given, by=request.staff, now=now, is_last=is_last)
    return go(request, reverse("helper:pickup", args=[pk]))


@require_POST
@may("helper.pickups")
def back(request: StaffRequest, pk: int) -> HttpResponse:
    """Put back what was not fetched and give the money back."""
    orders.send_back(_pickup(request, pk), by=request.staff, now=clock.now())
    return go(request, reverse("helper:pickup", args=[pk]))


def _found(request: StaffRequest) -> PickupQuerySet:
    return Pickup.objects.visible_to(request.staff).select_related(
        "order__member", "store", "received_by", "handed_by"
    )


def _given(request: StaffRequest, pickup: Pickup) -> dict[int, int]:
    lines = pickup.lines.values_list("pk", flat=True)
    counts = {pk: request.POST.get(f"line-{pk}", "") for pk in lines}
    return {pk: int(count) for pk, count in counts.items() if count.isdigit()}


def _ask(
    request: StaffRequest, pickup: Pickup, given: dict[int, int], short: orders.Short
) -> HttpResponse:
    context = {
        "nav": "today",
        "pickup": pickup,
        "given": given.items(),
        "short": short,
    }
    return page(request, "helper/pickups/short.html", context)


def _pickup(request: StaffRequest, pk: int) -> Pickup:
    return get_object_or_404(_found(request), pk=pk)
