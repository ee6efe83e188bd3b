"""The customer's coupons: which there are, and one to show at the till."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue
from apps.loyalty.querysets.coupons import CouponIssueQuerySet
from apps.members.models import Member
from apps.shopper import brand, coupon_codes, signin
from apps.shopper.refusals import friendly
from apps.shopper.session import customer_of
from apps.shopper.wallet import held_coupon
from apps.staff.access import open_to_all

MOST = 100
USABLE, USED, PAST = "usable", "used", "past"


@open_to_all
@require_GET
@friendly
def index(request: HttpRequest) -> HttpResponse:
    """List what the customer holds: usable, used, gone by."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.COUPONS)
    return _list(request, customer.member, customer.ticket)


@open_to_all
@require_POST
@friendly
def claim(request: HttpRequest) -> HttpResponse:
    """Receive the coupon behind a word; say why not beside the field."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:coupons")
    word = request.POST.get("word", "").strip()[:40]
    try:
        outcome = loyalty.claim_coupon(word, member=customer.member, now=clock.now())
    except Refused as refusal:
        wrong = refusal.message
    else:
        if isinstance(outcome, loyalty.Issued):
            return redirect("shopper:coupon", outcome.issue_id)
        wrong = _told(outcome)
    return _list(request, customer.member, customer.ticket, word=word, wrong=wrong)


@open_to_all
@require_GET
@friendly
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one coupon with its codes; where opening starts its days, ask first."""
    customer = customer_of(request)
    if customer is None:
        return signin.start(signin.COUPONS)
    copy, now = _copy(customer.member, pk), clock.now()
    if not _counts_from_opening(copy):
        copy = loyalty.open_coupon(copy, now=now)
    context = {"ticket": customer.ticket, **_facts(copy, now=now)}
    return brand.show(request, "shopper/coupons/show.html", context)


@open_to_all
@require_POST
@friendly
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Open it: from now on its days count."""
    customer = customer_of(request)
    if customer is None:
        return redirect("shopper:coupons")
    loyalty.open_coupon(_copy(customer.member, pk), now=clock.now())
    return redirect("shopper:coupon", pk)


def _list(
    request: HttpRequest,
    member: Member,
    ticket: str,
    *,
    word: str = "",
    wrong: str = "",
) -> HttpResponse:
    now = clock.now()
    held = member.coupons.select_related("coupon").exclude(coupon__state="draft")
    lists: dict[str, CouponIssueQuerySet] = {
        USABLE: held.usable(now).order_by("valid_until", "-pk"),
        USED: held.used_up().order_by("-pk"),
        PAST: held.past(now).order_by("-pk"),
    }
    tab = request.GET.get("tab", USABLE)
    tab = tab if tab in lists else USABLE
    context = {
        "tab": tab,
        "copies": [held_coupon(copy, now=now) for copy in lists[tab][:MOST]],
        "usable": lists[USABLE].count(),
        "ticket": ticket,
        "word": word,
        "wrong": wrong,
    }
    status = 422 if wrong else 200
    return brand.show(request, "shopper/coupons/index.html", context, status=status)


def _copy(member: Member, pk: int) -> CouponIssue:
    held = CouponIssue.objects.filter(member=member).exclude(coupon__state="draft")
    return get_object_or_404(held.select_related("coupon"), pk=pk)


def _counts_from_opening(copy: CouponIssue) -> bool:
    unopened = copy.opened_at is None and copy.state == CouponIssue.State.ISSUED
    return unopened and copy.coupon.validity == Coupon.Validity.FROM_OPEN


def _facts(copy: CouponIssue, *, now: datetime) -> dict[str, Any]:
    coupon = copy.coupon
    basket = loyalty.Basket(
        coupon.channels[0] if coupon.channels else "store",
        sum=coupon.minimum,
        store_id=coupon.stores.values_list("pk", flat=True).first(),
    )
    verdict = loyalty.check(copy.code, basket=basket, member=copy.member, now=now)
    return {
        "copy": copy,
        "coupon": coupon,
        "must_open": _counts_from_opening(copy),
        "why_not": verdict.message,
        "use": loyalty.live_use(copy),
        "qr": coupon_codes.qr(copy.code),
        "barcode": coupon_codes.barcode(coupon.barcode, copy.code),
    }


def _told(outcome: loyalty.NotIssued) -> str:
    """Return why there is none, in words to the customer."""
    if outcome.code == "member_capped":
        return _("您已經領過這張優惠券")
    return outcome.message
