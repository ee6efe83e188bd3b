"""Orders of the shop that their customers pay at the person's stores."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, StorePayment
from apps.orders.querysets import StorePaymentQuerySet
from apps.orders.rules import codes
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

A_PAGE = 30


class PayForm(forms.Form):
    """What the till printed, and how it was paid."""

    receipt = forms.CharField(
        label=gettext_lazy("收銀機單號"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("付款方式"), choices=StorePayment.Method.choices
    )


@require_GET
@may("helper.payments")
def index(request: StaffRequest) -> HttpResponse:
    """List what is to be paid here; a scanned or typed code opens its order."""
    found = _found(request)
    asked = request.GET.get("code", "").strip()[:120]
    hit = found.filter(code=codes.read(asked)).first() if asked else None
    if hit is None and asked:
        hit = found.filter(order__external_id__iexact=asked).first()
    if hit is not None:
        return HttpResponseRedirect(reverse("helper:payment", args=[hit.pk]))
    state = request.GET.get("state", StorePayment.State.WAITING)
    state = state if state in StorePayment.State.values else StorePayment.State.WAITING
    rows = found.filter(state=state).order_by("pay_until", "pk")
    context = {
        "nav": "today",
        "states": StorePayment.State.choices,
        "state": state,
        "asked": asked,
        "rows": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, "helper/payments/index.html", context, fragment="rows")


@require_GET
@may("helper.payments")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what is to be paid, and take it."""
    payment = get_object_or_404(_found(request), pk=pk)
    is_due = payment.order.paid_at is None and not payment.order.cancelled_at
    context = {
        "nav": "today",
        "payment": payment,
        "code": codes.grouped(payment.code),
        "is_due": is_due and payment.state == StorePayment.State.WAITING,
        "may_wait_on": is_due and payment.state == StorePayment.State.EXPIRED,
        "pickup": getattr(payment.order, "pickup", None),
        "form": PayForm(),
    }
    return page(request, "helper/payments/show.html", context)


@require_POST
@may("helper.payments")
def take(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that it was paid at the till of the person's store."""
    payment = get_object_or_404(_found(request), pk=pk)
    pay(request, payment.order)
    return go(request, reverse("helper:payment", args=[pk]))


@require_POST
@may("helper.payments")
def wait_on(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the goods once more of an order whose time ran out."""
    payment = get_object_or_404(_found(request), pk=pk)
    orders.await_payment(payment.order, store=payment.store, now=clock.now())
    return go(request, reverse("helper:payment", args=[pk]))


def pay(request: StaffRequest, order: Order) -> None:
    """Take the payment that the form tells of, at the person's store."""
    form = PayForm(request.POST)
    if not form.is_valid():
        raise Refused("receipt", _("請填收銀機印的單號與付款方式"))
    now = clock.now()
    store = staff_services.main_store(request.staff, clock.day_of(now))
    if store is None:
        raise Refused("no_posting", _("你目前沒有派駐門市"))
    chosen = form.cleaned_data
    taken = orders.Taken(chosen["receipt"], chosen["method"], store)
    orders.pay_in_store(order, taken, by=request.staff, now=now)


def _found(request: StaffRequest) -> StorePaymentQuerySet:
    bought = OrderLine.objects.filter(quantity__gt=0).select_related("product")
    return (
        StorePayment.objects.visible_to(request.staff)
        .select_related("order__member", "order__pickup__store", "store", "taken_by",
                        "taken_at")
        .prefetch_related(Prefetch("order__lines", bought, to_attr="bought"))
    )  # fmt: skip
