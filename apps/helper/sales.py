"""Write down what a customer bought at a till that sends nothing itself."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders import services as orders
from apps.staff import services as staff_services
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import go, page


class SaleForm(forms.Form):
    """A receipt of another till."""

    receipt = forms.CharField(
        label=gettext_lazy("發票或收據號碼"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = forms.IntegerField(
        label=gettext_lazy("實付金額"),
        min_value=1,
        max_value=10_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=gettext_lazy("買了什麼"), max_length=120, required=False
    )


@require_http_methods(["GET", "POST"])
@may("helper.record_sales")
def record(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for the receipt and write the sale down."""
    scope = Member.objects.visible_to(request.staff).distinct()
    member = get_object_or_404(scope, pk=pk)
    store = staff_services.main_store(request.staff, clock.today())
    is_on = store is not None and orders.may_record(request.staff, store)
    form = SaleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _record(request, member, form)
        return go(request, reverse("helper:customer", args=[pk]))
    context = {
        "nav": "customers", "member": member, "store": store, "form": form,
        "is_on": is_on,
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    return page(request, "helper/sale.html", context, status=status)


def _record(request: StaffRequest, member: Member, form: SaleForm) -> None:
    now = clock.now()
    store = staff_services.main_store(request.staff, clock.day_of(now))
    if store is None:
        raise Refused("no_posting", _("你目前沒有派駐門市"))
    receipt = orders.Receipt(
        form.cleaned_data["receipt"], now, form.cleaned_data["amount"],
        form.cleaned_data["note"],
    )  # fmt: skip
    orders.record_sale_elsewhere(
        member, receipt=receipt, by=request.staff, store=store, now=now
    )
