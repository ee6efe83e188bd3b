"""The customer's own orders, and the QR that fetches one at a store."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.members.models import Member
from apps.orders.models import Order, OrderLine, Refund
from apps.orders.querysets import OrderQuerySet
from apps.orders.rules import codes
from apps.shopper import brand, signin
from apps.shopper.coupon_codes import qr
from apps.shopper.pickups import payment_of
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.staff.access import open_to_all

MOST = 30


@open_to_all
@never_cache
@require_GET
@friendly
def index(request: HttpRequest) -> HttpResponse:
    """List the customer's orders of every channel, the newest first."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.ORDERS)
    rows = _of(customer.member).order_by("-placed_at", "-pk")[:MOST]
    return brand.show(request, "shopper/orders/index.html", {"rows": rows})


@open_to_all
@never_cache
@require_GET
@friendly
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one order, and its QR while it waits at a store."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.ORDERS)
    order = get_object_or_404(_of(customer.member), pk=pk)
    pickup = getattr(order, "pickup", None)
    waits = pickup is not None and pickup.state in ("ready", "partial")
    context = {
        "order": order,
        "pickup": pickup,
        "qr": qr(pickup.code) if pickup and waits else "",
        "code": codes.grouped(pickup.code) if pickup and waits else "",
        **payment_of(order),
    }
    return brand.show(request, "shopper/orders/show.html", context)


def _of(member: Member) -> OrderQuerySet:
    """Return the member's orders with what the pages show of them."""
    bought = OrderLine.objects.filter(quantity__gt=0).select_related("product")
    refunds = Refund.objects.filter(amount__gt=0).select_related("store")
    return (
        Order.objects.filter(member=member)
        .select_related("store", "pickup__store", "invoice")
        .prefetch_related(
            Prefetch("lines", bought, to_attr="bought"),
            Prefetch("refunds", refunds.order_by("refunded_at"), to_attr="given_back"),
        )
    )
