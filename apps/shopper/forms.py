"""What a customer fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refused
from apps.members import phones
from apps.members.models import Consent, Member
from apps.orders.models import InvoiceClaim
from apps.orders.rules import invoices
from apps.orders.rules.checks import LARGEST_AMOUNT


class BindForm(forms.Form):
    """Phone and consents; a member who gave them is not asked again."""

    phone = forms.CharField(
        label=_("手機號碼"),
        help_text=_("用來找回您在門市的會員資料"),
        max_length=30,
        widget=forms.TextInput(
            {"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
        error_messages={"required": _("手機號碼像 0912 345 678，請填一支。")},
    )
    terms = forms.BooleanField(
        error_messages={"required": _("要先同意會員條款與個人資料告知，才能成為會員。")}
    )
    marketing = forms.BooleanField(
        label=_("願意收到新品與優惠"),
        help_text=_("選填，之後可以請店員關閉"),
        required=False,
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if member.stage == Member.Stage.REGISTERED:
            del self.fields["terms"], self.fields["marketing"]
        if member.phone:
            del self.fields["phone"]
        elif "later" in self.data:
            self.fields["phone"].required = False

    def clean_phone(self) -> str:
        """Return the number in E.164; what is left for later is not read."""
        raw = self.cleaned_data["phone"]
        if not raw or "later" in self.data:
            return ""
        try:
            return phones.normal(raw)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None

    @property
    def consents(self) -> dict[str, bool]:
        """Return what was answered, by purpose."""
        return {
            purpose: self.cleaned_data[purpose]
            for purpose in Consent.Purpose.values
            if purpose in self.fields
        }


class InvoiceForm(forms.Form):
    """An e-invoice: the text of its left QR, or what is printed on it."""

    code = forms.CharField(required=False, max_length=4000)
    number = forms.CharField(
        label=_("發票號碼"), max_length=12, required=False,
        help_text=_("兩個英文字母與八位數字"),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
    )  # fmt: skip
    issued_on = forms.DateField(
        label=_("開立日期"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("請填正確的日期")},
    )  # fmt: skip
    random_code = forms.CharField(
        label=_("隨機碼"), max_length=4, required=False,
        help_text=_("發票上的 4 位數字"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    total = forms.IntegerField(
        label=_("總計金額"), required=False, min_value=0, max_value=LARGEST_AMOUNT,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the QR where there is one, else ask for all that is printed."""
        own: dict[str, Any] = super().clean() or {}
        self.read: invoices.Read | None = None
        if "code" in self.data:
            self.read = invoices.read_qr(own.get("code", ""))
            if self.read is None:
                raise forms.ValidationError(_("這不是電子發票左邊的 QR，再掃一次"))
            return own
        self._check_printed(own)
        if not self.errors:
            self.read = invoices.Read(
                invoices.normal(own["number"]), own["issued_on"], own["random_code"],
                own["total"],
            )  # fmt: skip
        return own

    def _check_printed(self, own: dict[str, Any]) -> None:
        missing = {
            "number": _("請填發票號碼，像 AB-12345678"),
            "issued_on": _("請填開立日期"),
            "random_code": _("請填 4 位數字的隨機碼"),
            "total": _("請填總計金額"),
        }
        sound = {
            "number": invoices.NUMBER.fullmatch(
                invoices.normal(own.get("number") or "")
            ),
            "issued_on": own.get("issued_on"),
            "random_code": invoices.RANDOM_CODE.fullmatch(own.get("random_code") or ""),
            "total": own.get("total") is not None,
        }
        for name, why in missing.items():
            if not sound[name] and name not in self.errors:
                self.add_error(name, why)

    @property
    def source(self) -> str:
        """Return how it was told."""
        is_scanned = "code" in self.data
        return InvoiceClaim.Source.QR if is_scanned else InvoiceClaim.Source.TYPED
