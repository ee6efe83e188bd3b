"""HQ prints codes of a coupon for whoever shows them, and takes open copies back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue
from apps.loyalty.reports import coupons as reports
from apps.staff.access import StaffRequest, may
from apps.ui.htmx import page
from apps.ui.spreadsheets import table_file


class PrintForm(forms.Form):
    """How many codes, and in which file."""

    count = forms.IntegerField(
        label=gettext_lazy("張數"), min_value=1, max_value=loyalty.MOST_PRINTED,
        initial=100,
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("檔案"), choices=[("csv", "CSV"), ("xlsx", "Excel")]
    )
    # Drawn once for a form that is shown, so that a double click prints once.
    key = forms.UUIDField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    """Which copies, why, and the number that was seen."""

    whose = forms.ChoiceField(
        label=gettext_lazy("哪些券"),
        choices=[
            (loyalty.ALL, gettext_lazy("全部")),
            (loyalty.HELD, gettext_lazy("會員手上的")),
            (loyalty.PRINTED, gettext_lazy("印出去的")),
        ],
    )
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    sure = forms.BooleanField(label=gettext_lazy("我知道作廢後不能恢復"))


@require_http_methods(["GET", "POST"])
@may("coupons.design")
def printed(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask how many codes; make them and hand the file out."""
    coupon = _coupon(request, pk)
    form = PrintForm(request.POST or None, initial={"key": uuid4()})
    if request.method == "POST" and form.is_valid():
        own = form.cleaned_data
        try:
            copies = loyalty.print_copies(
                coupon, own["count"], key=own["key"], by=request.staff, now=clock.now()
            )
        except Refused as refusal:
            form.add_error("count", refusal.message)
        else:
            heads, rows = reports.print_heads(), reports.print_rows(coupon, copies)
            return table_file(f"coupon-{pk}-codes", heads, rows, kind=own["kind"])
    return _ask(request, "print", coupon, form)


@require_http_methods(["GET", "POST"])
@may("coupons.design")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Show how many copies are open; take them back with a reason."""
    coupon = _coupon(request, pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        own = dict(form.cleaned_data)
        own.pop("sure")
        try:
            taken = loyalty.withdraw_copies(
                coupon, **own, by=request.staff, now=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("已作廢 %(n)s 張券") % {"n": f"{taken:,}"})
            return redirect("hq:coupon", pk)
    chosen = form["whose"].value() or request.GET.get("whose", "")
    whose = chosen if chosen in (loyalty.HELD, loyalty.PRINTED) else loyalty.ALL
    found = loyalty.open_copies(coupon, whose)
    facts = {
        "whose": whose,
        "open": found.count(),
        "reserved": coupon.issues.filter(state=CouponIssue.State.RESERVED).count(),
        "choices": form.fields["whose"].choices,  # type: ignore[attr-defined]
    }
    return _ask(request, "withdraw", coupon, form, **facts)


def _coupon(request: StaffRequest, pk: int) -> Coupon:
    found = Coupon.objects.visible_to(request.staff).exclude(state=Coupon.State.DRAFT)
    return get_object_or_404(found, pk=pk)


def _ask(
    request: StaffRequest, template: str, coupon: Coupon, form: forms.Form, **facts: Any
) -> HttpResponse:
    context = {"nav": "coupons", "coupon": coupon, "form": form, **facts}
    status = 422 if form.is_bound else 200
    return page(request, f"hq/coupons/{template}.html", context, status=status)
