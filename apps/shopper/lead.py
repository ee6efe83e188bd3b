"""The public form for somebody who wants to hear from the brand, member or not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.addresses import address_of
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.services.inquiries import source_of
from apps.shopper import brand
from apps.shopper.refusals import friendly
from apps.shopper.session import Customer, customer_of
from apps.staff.access import open_to_all
from apps.stores.models import Store


class LeadForm(forms.Form):
    """Who, how to answer them, what interests them, and where."""

    name = forms.CharField(
        label=_("怎麼稱呼您"),
        max_length=60,
        error_messages={"required": _("請填姓名或稱呼")},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("手機號碼"),
        max_length=30,
        required=False,
        widget=forms.TextInput(
            {"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
    )
    email = forms.EmailField(
        label=_("電子郵件"),
        required=False,
        help_text=_("手機和電子郵件至少留一個"),
        error_messages={"invalid": _("電子郵件看起來不對，像 name@example.com")},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    interest = forms.CharField(
        label=_("您對什麼有興趣"),
        max_length=120,
        error_messages={"required": _("請寫一下您想找什麼")},
    )
    note = forms.CharField(
        label=_("想先告訴我們的"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    store = forms.ModelChoiceField(
        Store.objects.none(),
        label=_("想去的門市"),
        required=False,
        empty_label=_("都可以"),
    )
    agreed = forms.BooleanField(
        error_messages={"required": _("要先同意，我們才能用這些資料回覆您")}
    )
    source = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.order_by("code")
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]  # a ModelChoiceField


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
@friendly
def lead(request: HttpRequest) -> HttpResponse:
    """Ask what somebody wants, and keep it; everybody is thanked alike."""
    customer = customer_of(request)
    if request.method != "POST":
        return _ask(request, LeadForm(initial=_known(request, customer)))
    form = LeadForm(request.POST)
    if request.POST.get("website"):  # a field that no person sees
        return redirect(_thanks())
    if not form.is_valid():
        return _ask(request, form)
    try:
        _keep(request, form, customer)
    except Refused as refusal:
        form.add_error("phone" if refusal.code != "often" else None, refusal.message)
        return _ask(request, form)
    return redirect(_thanks())


def _keep(request: HttpRequest, form: LeadForm, customer: Customer | None) -> None:
    own = {name: value for name, value in form.cleaned_data.items() if name != "agreed"}
    said = members.InquiryIn(**own, line_user_id=_line_user_id(customer))
    members.inquire(said, address=address_of(request), now=clock.now())


def _line_user_id(customer: Customer | None) -> str:
    """Return who LINE says it is, so that the inquiry is theirs."""
    identity = members.line_identity(customer.member) if customer else None
    return identity.value if identity else ""


def _ask(request: HttpRequest, form: LeadForm) -> HttpResponse:
    context = {
        "form": form,
        "version": members.NOTICE,
        "is_sent": "sent" in request.GET,
    }
    status = 422 if form.is_bound else 200
    return brand.show(request, "shopper/lead.html", context, status=status)


def _known(request: HttpRequest, customer: Customer | None) -> dict[str, str]:
    return {
        "source": source_of(request.GET.get("source", "")),
        "name": customer.member.label if customer else "",
    }


def _thanks() -> str:
    return f"{reverse('shopper:lead')}?sent=1"
