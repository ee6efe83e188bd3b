"""The customer shows an e-invoice, and the purchase with its points becomes theirs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty.models import LoyaltySettings
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import InvoiceClaim
from apps.shopper import brand, signin
from apps.shopper.forms import InvoiceForm
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.staff.access import open_to_all

MOST = 50


@open_to_all
@require_GET
@friendly
def index(request: HttpRequest) -> HttpResponse:
    """List what the customer showed so far, and ask for another."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.INVOICES)
    return _show(request, customer.member, customer.ticket, InvoiceForm())


@open_to_all
@require_POST
@friendly
def claim(request: HttpRequest) -> HttpResponse:
    """Take the QR's text or what was typed; say beside the field why not."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:invoices")
    form = InvoiceForm(request.POST)
    if form.is_valid() and form.read is not None:
        try:
            orders.claim_invoice(
                customer.member, form.read, source=form.source, now=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("shopper:invoices")
    return _show(request, customer.member, customer.ticket, form)


def _show(
    request: HttpRequest, member: Member, ticket: str, form: InvoiceForm
) -> HttpResponse:
    claims = InvoiceClaim.objects.filter(member=member).select_related("order")
    context = {
        "form": form,
        "claims": claims.order_by("-made_at", "-pk")[:MOST],
        "days": LoyaltySettings.current().invoice_days,
        "ticket": ticket,
    }
    status = 422 if form.is_bound else 200
    return brand.show(request, "shopper/invoices.html", context, status=status)
