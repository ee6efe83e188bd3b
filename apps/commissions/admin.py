"""Publish plans of commission, and look at the ledger."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.audit.admin import ReadOnlyAdmin
from apps.commissions import services as commissions
from apps.commissions.models import (
    ClosedMonth,
    CommissionEntry,
    Dispute,
    Plan,
    Settlement,
)
from apps.core import clock
from apps.staff.models import Staff

if TYPE_CHECKING:
    PlanModelForm = forms.ModelForm[Plan]
else:
    PlanModelForm = forms.ModelForm


class PlanForm(PlanModelForm):
    """The rates from a day on."""

    class Meta:
        model = Plan
        fields = ("name", "starts_on", "online_rate", "store_rate")

    def clean_starts_on(self) -> date:
        """Refuse a day that has gone by, for any plan but the first."""
        day: date = self.cleaned_data["starts_on"]
        if day < clock.today() and Plan.objects.exists():
            raise forms.ValidationError(_("起始日不能早於今天，已計入的分潤不會重算"))
        return day


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """Plans: a new one is published, an old one never changed."""

    form = PlanForm
    list_display = ("name", "starts_on", "ends_on", "online_rate", "store_rate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let admins publish the next plan."""
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(
        self,
        request: HttpRequest,
        obj: Plan,
        form: PlanForm,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Publish."""
        row = commissions.publish_plan(
            obj.name,
            starts_on=obj.starts_on,
            online_rate=obj.online_rate,
            store_rate=obj.store_rate,
            by=request.user if isinstance(request.user, Staff) else None,
            now=clock.now(),
        )
        obj.pk = row.pk


@admin.register(CommissionEntry)
class CommissionEntryAdmin(ReadOnlyAdmin):
    """The ledger, newest first."""

    list_display = ("created_at", "staff", "month", "kind", "base", "rate", "amount")
    list_filter = ("kind", "month")
    search_fields = ("staff__code", "staff__name", "credit__line__order__external_id")
    list_select_related = ("staff",)
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(ClosedMonth)
class ClosedMonthAdmin(ReadOnlyAdmin):
    """Closed months with their sums."""

    list_display = ("month", "entries", "total", "closed_by", "closed_at")


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Settlements: who prepared, approved and paid them."""

    list_display = ("month", "state", "people", "payout", "prepared_by", "approved_by")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes with their state."""

    list_display = ("opened_at", "staff", "against", "state", "reason")
    list_filter = ("state",)
    list_select_related = ("staff", "against")
