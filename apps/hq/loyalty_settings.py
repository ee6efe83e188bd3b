"""HQ's settings of expiry notices and invoices, and the list of invoices shown."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import LoyaltySettings
from apps.orders.models import InvoiceClaim
from apps.orders.rules import invoices
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page

A_PAGE = 50


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """When members are told that something dies, and which invoices count."""

    class Meta:
        model = LoyaltySettings
        fields = ("points_days", "coupon_days", "hour", "invoice_days", "tax_ids")


class Filters(forms.Form):
    """What the list of invoices may be narrowed by."""

    q = forms.CharField(required=False, max_length=20)
    state = forms.ChoiceField(
        choices=[("", gettext_lazy("全部狀態")), *InvoiceClaim.State.choices],
        required=False,
    )

    def narrow(self, found: QuerySet[InvoiceClaim]) -> QuerySet[InvoiceClaim]:
        """Keep the claims that fit; a filter that makes no sense is left out."""
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("state"):
            found = found.filter(state=chosen["state"])
        number = invoices.normal(chosen.get("q", ""))
        return found.filter(number=number) if number else found


@require_http_methods(["GET", "POST"])
@may("loyalty.design")
def settings(request: StaffRequest) -> HttpResponse:
    """Ask for the settings, and keep them."""
    form = SettingsForm(request.POST or None, instance=LoyaltySettings.current())
    if request.method == "POST" and form.is_valid():
        loyalty.keep_settings(
            form.save(commit=False), by=request.staff, now=clock.now()
        )
        messages.success(request, _("已儲存"))
        return redirect("hq:loyalty")
    context = {"nav": "loyalty", "form": form, "title": _("到期通知與發票登錄")}
    status = 422 if form.is_bound else 200
    return page(request, "hq/loyalty/settings.html", context, status=status)


@require_GET
@may("hq.members")
def claims(request: StaffRequest) -> HttpResponse:
    """List the invoices that customers showed, newest first."""
    filters = Filters(request.GET)
    found = filters.narrow(InvoiceClaim.objects.select_related("member", "order"))
    context = {
        "nav": "loyalty",
        "rows": Paginator(found.order_by("-made_at", "-pk"), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "form": filters,
        "days": LoyaltySettings.current().invoice_days,
    }
    return page(request, "hq/loyalty/claims.html", context, fragment="rows")
