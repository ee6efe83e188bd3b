"""The salesperson's QR: on screen, and as a card to print."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from apps.channels.models import Account
from apps.core import clock
from apps.helper import qr
from apps.members import services as members
from apps.members.models import BindingCode
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page


@dataclass(frozen=True)
class Slot:
    """A salesperson at a store, with the QR that binds to them."""

    code: BindingCode
    url: str
    qr: SafeString

    @property
    def short_url(self) -> str:
        """Return the address without its scheme, to be read and typed."""
        return self.url.split("://", 1)[-1]


@require_GET
@may("helper.open")
def index(request: StaffRequest) -> HttpResponse:
    """Show a QR for each store the person serves at."""
    now = clock.now()
    postings = request.staff.postings.on(clock.day_of(now)).select_related("store")
    slots = [
        _slot(members.binding_code(request.staff, posting.store, now=now))
        for posting in postings.order_by("-is_main", "store__code")
    ]
    return page(request, "helper/bind.html", {"nav": "bind", "slots": slots})


@require_GET
@may("helper.open")
def card(request: StaffRequest, code_pk: int) -> HttpResponse:
    """Show the A6 card of one of the person's codes, ready to print."""
    codes = BindingCode.objects.select_related("staff", "store")
    code = get_object_or_404(codes, pk=code_pk, staff=request.staff, revoked_at=None)
    account = Account.objects.filter(is_active=True).first()
    return page(request, "helper/card.html", {"slot": _slot(code), "account": account})


def _slot(code: BindingCode) -> Slot:
    path = reverse("shopper:bind", kwargs={"token": members.signed(code)})
    url = f"{settings.PUBLIC_URL}{path}"
    return Slot(code=code, url=url, qr=qr.svg(url))
