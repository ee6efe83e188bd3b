"""The way from a salesperson's QR to being their customer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from apps.channels.line import login
from apps.conversations import services as conversations
from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Binding, BindingCode
from apps.members.rules.bonds import Kind
from apps.shopper import brand, signin
from apps.shopper.forms import BindForm
from apps.shopper.refusals import friendly, refused
from apps.shopper.session import Customer, customer_of, remember
from apps.staff.access import open_to_all

PHONE = re.compile(r"Mobi|Android|iPhone|iPad|iPod|\bLine/", re.IGNORECASE)


@dataclass(frozen=True)
class Visit:
    """A customer before a salesperson's code, and what binding would come to."""

    customer: Customer
    code: BindingCode
    current: Binding | None
    forecast: Kind

    @property
    def token(self) -> str:
        """Return the code's own token, which may not be the one that was scanned."""
        return members.signed(self.code)


@open_to_all
@require_GET
@friendly
def bind(request: HttpRequest, token: str) -> HttpResponse:
    """Take a scan: on to LINE Login, or on a desk a page to scan with the phone."""
    try:
        code = members.read_token(token)
    except Refused as refusal:
        return unavailable(request, token, refusal)
    if "go" in request.GET or is_phone(request):
        return signin.start(members.signed(code))
    return brand.show(request, "shopper/scan.html", _scan(code))


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@friendly
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for consent and phone, and bind."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:bind", token)
    try:
        visit = _visit(customer, token)
    except Refused as refusal:
        return unavailable(request, token, refusal)
    if request.method == "POST":
        return _bind(request, visit)
    if visit.forecast == Kind.ALREADY:
        return _done(visit, Kind.ALREADY)
    return _ask(request, visit, BindForm(member=customer.member))


@open_to_all
@require_GET
@friendly
def others(request: HttpRequest, token: str) -> HttpResponse:
    """Show who else serves at the store of the code."""
    code = members.scanned(token)
    return brand.show(request, "shopper/others.html", _others(code))


@open_to_all
@require_GET
@friendly
def later(request: HttpRequest) -> HttpResponse:
    """Let the customer go unbound."""
    line = brand.account()
    context = {
        "chat_url": brand.chat_url(line),
        "friend_url": login.add_friend_url(line),
    }
    return brand.show(request, "shopper/later.html", context)


def unavailable(request: HttpRequest, token: str, refusal: Refused) -> HttpResponse:
    """Say why the code leads nowhere, and offer the store's other people."""
    if refusal.code not in {"inactive", "revoked"}:
        return refused(request, refusal)
    return refused(request, refusal, **_others(members.scanned(token)))


def is_phone(request: HttpRequest) -> bool:
    """Tell whether the page is seen on a phone.

    A framed page is: only the simulator's phone may frame ours.
    """
    if request.headers.get("Sec-Fetch-Dest") == "iframe":
        return True
    return bool(PHONE.search(request.headers.get("User-Agent", "")))


def _visit(customer: Customer, token: str) -> Visit:
    code = members.read_token(token)
    current = members.current_binding(customer.member)
    forecast = members.foresee(
        current, code.staff, code.store, source=customer.via, now=clock.now()
    )
    return Visit(customer, code, current, forecast)


def _ask(
    request: HttpRequest, visit: Visit, form: BindForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "visit": visit,
        "staff": visit.code.staff,
        "store": visit.code.store,
        "form": form,
        "is_kept": visit.forecast == Kind.KEPT,
        "may_wait": form.has_error("phone", "phone_taken"),
    }
    return brand.show(request, "shopper/bind.html", context, status=status)


def _bind(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Register and bind in one transaction; the form comes back with what is wrong."""
    form = BindForm(request.POST, member=visit.customer.member)
    if not form.is_valid():
        return _ask(request, visit, form, status=422)
    try:
        kind = _register_and_bind(visit, form)
    except Refused as refusal:
        if refusal.code != "phone_taken":
            raise
        form.add_error("phone", ValidationError(refusal.message, code=refusal.code))
        return _ask(request, visit, form, status=422)
    return _done(visit, kind)


@transaction.atomic
def _register_and_bind(visit: Visit, form: BindForm) -> Kind:
    now, code = clock.now(), visit.code
    member, source = visit.customer.member, visit.customer.via
    if form.fields:
        member = members.register(
            member,
            name="",
            phone=form.cleaned_data.get("phone", ""),
            consents=form.consents,
            source=source,
            now=now,
            store=code.store,
        )
    outcome = members.bind(
        member, code.staff, code.store, source=source, now=now, code=code
    )
    if outcome.kind in {Kind.BOUND, Kind.REPLACED}:
        conversations.follow_binding(member, now=now)
        conversations.welcome(member, outcome.binding, now=now)
    return outcome.kind


def _done(visit: Visit, kind: Kind) -> HttpResponse:
    """Show the member card, to the very customer whom the form was shown to."""
    response = redirect(f"{reverse('shopper:card')}?came={kind}")
    remember(response, visit.customer.member, via=visit.customer.via)
    return response


def _others(code: BindingCode) -> dict[str, Any]:
    codes = members.binding_codes(code.store, now=clock.now())
    rows = [
        {"staff": row.staff, "token": members.signed(row)}
        for row in codes
        if row.staff_id != code.staff_id
    ]
    return {"store": code.store, "people": rows}


def _scan(code: BindingCode) -> dict[str, Any]:
    text = members.prefilled_text(code)
    line = brand.account()
    token = members.signed(code)
    return {
        "staff": code.staff,
        "store": code.store,
        "qr": qr(f"{settings.PUBLIC_URL}{reverse('shopper:bind', args=[token])}"),
        "text": text,
        "text_url": login.prefilled_url(line, text),
        "basic_id": line.basic_id,
    }


def qr(text: str) -> SafeString:
    """Return the QR of an address as an SVG that takes the size of its box."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        border=4,
        omitsize=True,
        dark="#111",
        light="#fff",
        svgclass="qr",
        lineclass=None,
    )
    return mark_safe(svg)  # noqa: S308  (drawn by segno from our own address)
