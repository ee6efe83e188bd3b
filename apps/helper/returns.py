"""Take back at a store what was bought in any channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Prefetch, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, Refund
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page

CAUSES = (
    ("mind", gettext_lazy("七日鑑賞期退貨")),
    ("defect", gettext_lazy("商品瑕疵")),
    ("wrong", gettext_lazy("出貨錯誤")),
    ("size", gettext_lazy("尺寸不合")),
    ("other", gettext_lazy("其他")),
)


class ReturnForm(forms.Form):
    """Why the goods come back, what the till printed, and the click itself."""

    cause = forms.ChoiceField(label=gettext_lazy("退貨原因"), choices=CAUSES)
    receipt = forms.CharField(
        label=gettext_lazy("退款單號"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(label=gettext_lazy("說明"), max_length=40, required=False)
    client_id = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def reason(self) -> str:
        """Return what stands beside the refund wherever it is seen."""
        told = self.cleaned_data
        cause = str(dict(CAUSES)[told["cause"]])
        return " ".join(filter(None, (cause, told["note"], told["receipt"])))


@require_GET
@may("helper.returns")
def index(request: StaffRequest) -> HttpResponse:
    """Look an order of any channel up by its whole number."""
    asked = request.GET.get("number", "").strip()[:60]
    found = Order.objects.filter(external_id__iexact=asked) if asked else None
    context = {
        "nav": "today",
        "asked": asked,
        "rows": _seen(found)[:10] if found is not None else (),
    }
    return page(request, "helper/returns/index.html", context)


@require_GET
@may("helper.returns")
def show(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what of an order can still come back."""
    form = ReturnForm(initial={"client_id": uuid4()})
    return _show(request, _order(pk), form)


@require_POST
@may("helper.returns")
def take(request: StaffRequest, pk: int) -> HttpResponse:
    """Show what the refund comes to; once that was seen, take the goods back."""
    order, form = _order(pk), ReturnForm(request.POST)
    if not form.is_valid():
        return _show(request, order, form, status=422)
    pieces, now = _pieces(request, order), clock.now()
    if not request.POST.get("amount"):
        worth = orders.foresee(order, pieces, now=now)
        return _ask(request, order, form, pieces, worth)
    store = staff_services.main_store(request.staff, clock.day_of(now))
    if store is None:
        raise Refused("no_posting", _("你目前沒有派駐門市"))
    client_id: UUID = form.cleaned_data["client_id"]
    given = orders.Return(pieces, form.reason, client_id)
    orders.take_back(order, given, store=store, by=request.staff, now=now)
    return go(request, reverse("helper:return", args=[pk]))


def _seen(found: QuerySet[Order]) -> QuerySet[Order]:
    bought = (
        OrderLine.objects.filter(quantity__gt=0)
        .select_related("product")
        .annotate(returned=Sum("refunds__quantity", default=0))
        .order_by("position")
    )
    refunds = Refund.objects.filter(amount__gt=0).select_related("store", "handled_by")
    return found.select_related("member", "store").prefetch_related(
        Prefetch("lines", bought, to_attr="bought"),
        Prefetch("refunds", refunds.order_by("refunded_at"), to_attr="given_back"),
    )


def _order(pk: int) -> Order:
    return get_object_or_404(_seen(Order.objects.all()), pk=pk)


def _pieces(request: StaffRequest, order: Order) -> dict[str, int]:
    lines: list[OrderLine] = order.bought  # type: ignore[attr-defined]  # prefetched
    counts = {row.external_id: request.POST.get(f"line-{row.pk}", "") for row in lines}
    return {line: int(count) for line, count in counts.items() if count.isdigit()}


def _show(
    request: StaffRequest, order: Order, form: ReturnForm, *, status: int = 200
) -> HttpResponse:
    lines: list[Any] = order.bought  # type: ignore[attr-defined]  # prefetched
    context = {
        "nav": "today",
        "order": order,
        "lines": [(line, line.quantity - line.returned) for line in lines],
        "left": order.net - order.refunded,
        "form": form,
    }
    return page(request, "helper/returns/show.html", context, status=status)


def _ask(
    request: StaffRequest,
    order: Order,
    form: ReturnForm,
    pieces: Mapping[str, int],
    worth: Mapping[str, int],
) -> HttpResponse:
    lines: list[OrderLine] = order.bought  # type: ignore[attr-defined]  # prefetched
    given = [(line, pieces[line.external_id]) for line in lines
             if pieces.get(line.external_id)]  # fmt: skip
    context = {
        "nav": "today",
        "order": order,
        "given": [(line, n, worth.get(line.external_id, 0)) for line, n in given],
        "amount": sum(worth.values()),
        "reason": form.reason,
        "told": form.cleaned_data,
    }
    return page(request, "helper/returns/confirm.html", context)
