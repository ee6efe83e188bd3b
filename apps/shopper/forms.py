"""What a customer fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refused
from apps.members import phones
from apps.members.models import Consent, Member


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
