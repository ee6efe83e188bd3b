"""The customer proves their telephone by a code, and finds their old record again."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.conversations import services as conversations
from apps.core import clock
from apps.core.errors import Refused
from apps.members import phones
from apps.members import services as members
from apps.messaging import services as messaging
from apps.shopper import brand, signin
from apps.shopper.refusals import friendly
from apps.shopper.session import Customer, customer_of, remember
from apps.staff.access import open_to_all

PURPOSE = "phone"
# A refusal that leaves nothing to type: another code has to be asked for.
ASK_AGAIN = frozenset({"code_none", "code_spent"})


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@friendly
def phone(request: HttpRequest) -> HttpResponse:
    """Ask for the number, and send a code to it."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.PHONE)
    if request.method != "POST":
        return _ask(request, customer)
    raw = request.POST.get("phone", "")[:30]
    try:
        number = phones.normal(raw)
        _send(customer, number)
    except Refused as refusal:
        return _ask(request, customer, phone=raw, wrong=refusal.message)
    return _await(request, customer, number)


@open_to_all
@require_POST
@friendly
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the code, and make the number and what belongs to it the customer's."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:phone")
    number = phones.normal(request.POST.get("phone", "")[:30])
    digits = request.POST.get("code", "")[:12]
    try:
        members.confirm_code(number, digits, purpose=PURPOSE, now=clock.now())
    except Refused as refusal:
        show = _ask if refusal.code in ASK_AGAIN else _await
        return show(request, customer, number, wrong=refusal.message)
    return _claim(request, customer, number)


def _send(customer: Customer, number: str) -> None:
    """Make the code and write its message down, in one transaction."""
    if not settings.SMS_GATEWAY:
        raise Refused("no_gateway", _("現在不能傳簡訊，請傳訊息給我們，由專人協助"))
    now = clock.now()
    with transaction.atomic():
        sent = members.make_code(
            number,
            purpose=PURPOSE,
            asked_by=f"member:{customer.member.pk}",
            now=now,
        )
        words = _("%(brand)s驗證碼 %(code)s，5 分鐘內有效。請勿告訴任何人。") % {
            "brand": brand.account().name,
            "code": sent.digits,
        }
        messaging.text(
            number, words, purpose="code", expires_at=sent.row.expires_at, now=now
        )


def _claim(request: HttpRequest, customer: Customer, number: str) -> HttpResponse:
    now = clock.now()
    try:
        with transaction.atomic():
            claimed = members.claim_phone(customer.member, number, now=now)
            conversations.follow_binding(claimed.member, now=now)
    except Refused as refusal:
        members.note_elsewhere(customer.member, number, now=now)
        return _ask(request, customer, phone=number, wrong=refusal.message)
    response = redirect(f"{reverse('shopper:card')}?came={claimed.kind}")
    remember(response, claimed.member, via=customer.via)
    return response


def _ask(
    request: HttpRequest, customer: Customer, phone: str = "", *, wrong: str = ""
) -> HttpResponse:
    return _show(request, customer, phone or customer.member.phone, wrong, sent=False)


def _await(
    request: HttpRequest, customer: Customer, phone: str, *, wrong: str = ""
) -> HttpResponse:
    return _show(request, customer, phone, wrong, sent=True)


def _show(
    request: HttpRequest, customer: Customer, phone: str, wrong: str, *, sent: bool
) -> HttpResponse:
    context = {
        "ticket": customer.ticket,
        "phone": phone,
        "national": phones.national(phone) if phone.startswith("+") else phone,
        "wrong": wrong,
        "is_sent": sent,
    }
    status = 422 if wrong else 200
    return brand.show(request, "shopper/phone.html", context, status=status)
