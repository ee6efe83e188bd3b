"""Publish policies of credit, and look at decisions, credits and touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.attribution import rules
from apps.attribution import services as attribution
from apps.attribution.models import Credit, Decision, Policy, PromoLink, Touch
from apps.attribution.reports.policies import published
from apps.audit.admin import ReadOnlyAdmin
from apps.core import clock
from apps.staff.models import Staff

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[Policy]
else:
    PolicyModelForm = forms.ModelForm


class PolicyForm(PolicyModelForm):
    """The next version; it starts from the rules of the newest."""

    class Meta:
        model = Policy
        fields = ("effective_from", "rules")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "rules": published()[0].rules.as_json(),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)

    def clean_rules(self) -> dict[str, Any]:
        """Refuse rules that make no sense."""
        stored: dict[str, Any] = self.cleaned_data["rules"]
        try:
            return rules.Policy.from_json(stored).as_json()
        except (ValueError, AttributeError, TypeError) as wrong:
            raise forms.ValidationError(_("規則內容不正確：%s") % wrong) from wrong

    def clean_effective_from(self) -> Any:
        """Refuse a time that has gone by."""
        at = self.cleaned_data["effective_from"]
        if at < clock.now():
            raise forms.ValidationError(_("生效時間不能早於現在，已成立的訂單不會重算"))
        return at


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    """Versions of the policy: a new one is published, an old one never changed."""

    form = PolicyForm
    list_display = ("version", "effective_from", "published_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let admins publish the next version."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(
        self,
        request: HttpRequest,
        obj: Policy,
        form: PolicyForm,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Publish."""
        if not isinstance(request.user, Staff):
            return
        row = attribution.publish_policy(
            obj.rules,
            effective_from=obj.effective_from,
            by=request.user,
            now=clock.now(),
        )
        obj.pk, obj.version = row.pk, row.version


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Who earned a line and why, the superseded ones too."""

    list_display = ("line", "basis", "policy", "decided_at", "superseded_at")
    list_filter = ("basis", "is_self_purchase")
    search_fields = ("line__order__external_id",)
    list_select_related = ("line", "policy")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(Credit)
class CreditAdmin(ReadOnlyAdmin):
    """Shares of lines."""

    list_display = ("line", "staff", "store", "amount", "placed_at", "superseded_at")
    list_filter = ("is_online",)
    search_fields = ("line__order__external_id", "staff__name", "staff__code")
    list_select_related = ("line", "staff", "store")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(Touch)
class TouchAdmin(ReadOnlyAdmin):
    """What was done towards members."""

    list_display = ("at", "kind", "staff", "member", "store", "product")
    list_filter = ("kind",)
    search_fields = ("staff__code", "staff__name", "member__number")
    list_select_related = ("staff", "member", "store", "product")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(PromoLink)
class PromoLinkAdmin(ReadOnlyAdmin):
    """Personal tracked links."""

    list_display = ("code", "staff", "member", "product", "created_at")
    search_fields = ("code", "staff__code", "staff__name")
    list_select_related = ("staff", "member", "product")
    ordering = ("-pk",)
    show_full_result_count = False
