"""The customer's goods at a store, with the QR that fetches them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.orders.models import Order, Pickup, StorePayment
from apps.orders.rules import codes
from apps.shopper import brand, signin
from apps.shopper.coupon_codes import qr
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.staff.access import open_to_all


@open_to_all
@never_cache
@require_GET
@friendly
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one's own goods: where, until when, and the QR while they lie ready."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(f"{signin.PICKUP}{code}")
    found = Pickup.objects.select_related("order", "store")
    pickup = get_object_or_404(found, code=code, order__member=customer.member)
    order, waits = pickup.order, pickup.state in ("ready", "partial")
    context = {
        "pickup": pickup,
        "order": order,
        "lines": pickup.lines.select_related("line__product"),
        "refunds": order.refunds.filter(amount__gt=0).order_by("refunded_at"),
        "due": order.net + order.shipping,
        "qr": qr(pickup.code) if waits else "",
        "code": codes.grouped(pickup.code) if waits else "",
        **payment_of(order),
    }
    return brand.show(request, "shopper/pickup.html", context)


def payment_of(order: Order | None) -> dict[str, Any]:
    """Return what a page shows of a payment that waits at a store, {} of none."""
    found = StorePayment.objects.select_related("order", "store")
    waiting = found.filter(order=order, state=StorePayment.State.WAITING).first()
    if waiting is None or waiting.order.paid_at is not None:
        return {}
    return {
        "payment": waiting,
        "pay_qr": qr(waiting.code),
        "pay_code": codes.grouped(waiting.code),
    }
