"""Accounts in the admin; a secret goes in and is never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField

from apps.channels.models import Account

SECRETS = [
    field.name
    for field in Account._meta.get_fields()  # noqa: SLF001  (documented model API)
    if isinstance(field, EncryptedCharField)
]


if TYPE_CHECKING:  # Django's own classes are generic in the stubs only
    ModelForm = forms.ModelForm[Account]
    ModelAdmin = admin.ModelAdmin[Account]
else:
    ModelForm = forms.ModelForm
    ModelAdmin = admin.ModelAdmin


class AccountForm(ModelForm):
    """Leaves a secret as it is where nothing new was typed."""

    class Meta:
        model = Account
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say of each secret whether one is kept."""
        super().__init__(*args, **kwargs)
        for name in SECRETS:
            is_kept = bool(getattr(self.instance, name))
            self.fields[name].help_text = (
                _("已設定；留空表示不變更") if is_kept else _("尚未設定")
            )

    @cached_property
    def changed_data(self) -> list[str]:
        """Name what was changed; a secret left empty was not."""
        named: list[str] = super().changed_data
        return [
            name
            for name in named
            if name not in SECRETS or self.data.get(self.add_prefix(name))
        ]

    def clean(self) -> dict[str, Any]:
        """Keep what was there for every secret left empty."""
        given = super().clean() or self.cleaned_data
        kept = {name: getattr(self.instance, name) for name in SECRETS}
        return given | {name: given.get(name) or kept[name] for name in SECRETS}


class AccountAdmin(ModelAdmin):
    """The brand's accounts; registered above, where the record of changes is."""

    form = AccountForm
    list_display = ("name", "slug", "channel", "badge", "basic_id", "is_active")
    fieldsets = (
        (None, {"fields": ("name", "slug", "channel", "badge", "is_active")}),
        (
            "Messaging API",
            {
                "fields": (
                    "basic_id", "bot_user_id", "channel_id", "channel_secret",
                    "next_channel_secret", "access_token",
                ),
            },
        ),
        (
            "LINE Login",
            {"fields": ("login_channel_id", "login_channel_secret", "liff_id")},
        ),
    )  # fmt: skip

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Never write a secret into the page."""
        if db_field.name in SECRETS:
            kwargs["widget"] = forms.PasswordInput(
                render_value=False, attrs={"autocomplete": "new-password"}
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)
