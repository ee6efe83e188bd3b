"""The salesperson's coupons: what may be given, to whom, and writing one off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from apps.attribution import services as attribution
from apps.attribution.models import Touch
from apps.conversations import services as conversations
from apps.core import clock
from apps.core.errors import Refused
from apps.helper.customers import matching
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponUse
from apps.members.models import Member
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may
from apps.stores.models import Store
from apps.ui.htmx import go, page

A_PAGE = 30
TILL = "pos"  # the source under which the tills' orders come in


@dataclass(frozen=True)
class Choice:
    """A coupon that could be given; `why_not` says why it cannot, `left` how many."""

    coupon: Coupon
    left: int | None
    why_not: str = ""


class GiveForm(forms.Form):
    """Which coupon, and the click it comes from."""

    coupon = forms.ModelChoiceField(Coupon.objects.none())
    client_id = forms.UUIDField()

    def __init__(self, request: StaffRequest) -> None:
        super().__init__(request.POST)
        allowed = Coupon.objects.visible_to(request.staff)
        self.fields["coupon"].queryset = allowed  # type: ignore[attr-defined]


class RedeemForm(forms.Form):
    """The code, and the sale it is used in."""

    code = forms.CharField(max_length=60, widget=forms.HiddenInput)
    order = forms.CharField(
        label=gettext_lazy("訂單編號"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("請填發票或 POS 的訂單編號")},
    )
    amount = forms.IntegerField(
        label=gettext_lazy("消費金額"),
        min_value=0,
        max_value=10_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": gettext_lazy("請填折抵前的消費金額")},
    )
    store = forms.ModelChoiceField(
        Store.objects.none(), label=gettext_lazy("門市"), empty_label=None
    )

    def __init__(self, request: StaffRequest, code: str = "") -> None:
        store = staff_services.main_store(request.staff, clock.today())
        super().__init__(
            request.POST or None, initial={"code": code, "store": store and store.pk}
        )
        stores = request.staff.postings.on(clock.today()).values("store")
        field = self.fields["store"]
        field.queryset = Store.objects.filter(pk__in=stores)  # type: ignore[attr-defined]


@require_GET
@may("helper.coupons")
def index(request: StaffRequest) -> HttpResponse:
    """Show the coupons that the person may give, and how many are left."""
    context = {"nav": "today", "choices": _choices(request, now=clock.now())}
    return page(request, "helper/coupons/index.html", context)


@require_GET
@may("helper.coupons")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Choose to whom of the person's customers the coupon goes."""
    coupon = get_object_or_404(Coupon.objects.visible_to(request.staff), pk=pk)
    search = request.GET.get("q", "").strip()[:60]
    found = matching(Member.objects.visible_to(request.staff), search)
    rows = found.select_related("standing__tier").order_by("-created_at", "-pk")
    context = {
        "nav": "today",
        "coupon": coupon,
        "search": search,
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "helper/coupons/show.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
@may("helper.coupons")
def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give one of one's customers a coupon."""
    scope = Member.objects.visible_to(request.staff).distinct()
    member = get_object_or_404(scope, pk=pk)
    if request.method == "GET":
        return _ask(request, member)
    form = GiveForm(request)
    if not form.is_valid():
        return _ask(request, member, status=422)
    given = _give(request, member, form)
    context = {"nav": "customers", "member": member, "given": given}
    return page(request, "helper/coupons/given.html", context)


@require_http_methods(["GET", "POST"])
@may("helper.coupons")
def redeem(request: StaffRequest) -> HttpResponse:
    """Look a code up, then write it off for a sale."""
    code = (request.POST or request.GET).get("code", "").strip()[:60]
    form = RedeemForm(request, code)
    if request.method == "POST" and form.is_valid():
        try:
            use = _redeem(request, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return go(request, reverse("helper:coupon_use", args=[use.pk]))
    context = {"nav": "today", "code": code, "form": form}
    if code:
        context |= _looked_up(code, request, now=clock.now())
    status = 422 if form.is_bound else 200
    return page(request, "helper/coupons/redeem.html", context, status=status)


@require_GET
@may("helper.coupons")
def use(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what was written off at one of the person's stores."""
    row = _use(request, pk)
    today = clock.today()
    context = {
        "nav": "today",
        "use": row,
        "due": row.basket_total - row.discount,
        "may_void": row.state == CouponUse.State.REDEEMED
        and row.redeemed_at is not None
        and clock.day_of(row.redeemed_at) == today,
    }
    return page(request, "helper/coupons/use.html", context)


@require_POST
@may("helper.coupons")
def void(request: StaffRequest, pk: int) -> HttpResponse:
    """Take today's write-off back, with a reason."""
    reason = request.POST.get("reason", "")
    loyalty.void_at_counter(
        _use(request, pk), reason=reason, by=request.staff, now=clock.now()
    )
    return go(request, reverse("helper:coupon_use", args=[pk]))


def credit_giver(row: CouponUse, *, now: datetime) -> None:
    """Tell the credit of sales of who had given the copy that was written off."""
    copy = row.issue
    if copy.issued_by is not None and copy.member is not None:
        attribution.touch(
            Touch.Kind.COUPON_REDEEMED, member=copy.member, staff=copy.issued_by,
            store=copy.store, product=None, link=None,
            evidence=("couponuse", row.pk), now=now,
        )  # fmt: skip


def _choices(
    request: StaffRequest, member: Member | None = None, *, now: datetime
) -> list[Choice]:
    coupons = list(Coupon.objects.visible_to(request.staff).sendable(now))
    left = loyalty.left_for_staff(coupons, by=request.staff, now=now)
    why = loyalty.issuable(coupons, member, by=request.staff, now=now) if member else {}
    found = [Choice(c, left[c.pk], why.get(c.pk, "")) for c in coupons]
    return sorted(found, key=lambda choice: bool(choice.why_not))


def _ask(request: StaffRequest, member: Member, *, status: int = 200) -> HttpResponse:
    context = {
        "nav": "customers",
        "member": member,
        "choices": _choices(request, member, now=clock.now()),
        "chosen": request.GET.get("coupon", ""),
        "client_id": uuid4(),
    }
    return page(request, "helper/coupons/give.html", context, status=status)


def _give(request: StaffRequest, member: Member, form: GiveForm) -> conversations.Given:
    now = clock.now()
    return conversations.give_coupon(
        form.cleaned_data["coupon"],
        member,
        by=request.staff,
        store=staff_services.main_store(request.staff, clock.day_of(now)),
        client_id=form.cleaned_data["client_id"],
        now=now,
    )


def _looked_up(code: str, request: StaffRequest, *, now: datetime) -> dict[str, Any]:
    """Return what the code is, and why it could not be used whatever is bought."""
    copy = loyalty.find_coupon(code)
    if copy is None:
        return {"why_not": loyalty.check(code, basket=_any(0, None), now=now).message}
    store = staff_services.main_store(request.staff, clock.day_of(now))
    enough = _any(copy.coupon.minimum, store)
    verdict = loyalty.check(code, basket=enough, now=now)
    return {
        "copy": copy,
        "coupon": copy.coupon,
        "why_not": verdict.message,
        "held": loyalty.live_use(copy),
    }


def _any(amount: int, store: Store | None) -> loyalty.Basket:
    return loyalty.Basket("store", sum=amount, store_id=store.pk if store else None)


@transaction.atomic
def _redeem(request: StaffRequest, sale: dict[str, Any]) -> CouponUse:
    """Write the copy off; whoever had given it is told to the credit of sales."""
    now, store = clock.now(), sale["store"]
    row = loyalty.redeem(
        sale["code"],
        basket=_any(sale["amount"], store),
        order_source=TILL,
        order_external_id=sale["order"].strip(),
        store=store,
        by=request.staff,
        trigger=CouponUse.Trigger.HELPER,
        now=now,
    )
    credit_giver(row, now=now)
    return row


def _use(request: StaffRequest, pk: int) -> CouponUse:
    uses = CouponUse.objects.visible_to(request.staff).select_related(
        "issue__coupon", "issue__member", "issue__issued_by", "store", "staff"
    )
    return get_object_or_404(uses, pk=pk)
