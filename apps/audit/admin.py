"""Look at the record of acts in the admin; and let every admin page write to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.audit import services as audit
from apps.audit.models import AuditEntry
from apps.core import clock

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
else:
    ModelAdmin, ModelForm = admin.ModelAdmin, forms.ModelForm


class AuditedAdmin(ModelAdmin):
    """Master data whose every change through the admin is recorded."""

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: ModelForm,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Save, and record which fields changed; the values stay out of the record."""
        super().save_model(request, obj, form, change)
        act = "changed" if change else "added"
        self._record(request, obj, act, fields=sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Record, then delete."""
        self._record(request, obj, "deleted", was=str(obj))
        super().delete_model(request, obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> None:
        """Record each, then delete all."""
        audit.record_many(
            f"{self.opts.model_name}.deleted",
            queryset.model,
            {obj.pk: {"was": str(obj)} for obj in queryset},
            by=cast(audit.Person, request.user),
            now=clock.now(),
        )
        super().delete_queryset(request, queryset)

    def _record(
        self, request: HttpRequest, obj: models.Model, act: str, **facts: Any
    ) -> None:
        action = f"{self.opts.model_name}.{act}"
        by = cast(audit.Person, request.user)
        audit.record(action, obj, by=by, now=clock.now(), **facts)


class ReadOnlyAdmin(ModelAdmin):
    """Rows that a person may look at and not touch."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: the product writes these."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Refuse: the product writes these."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Refuse: they are kept."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The record, newest first."""

    list_display = ("at", "actor", "action", "target_type", "target_id")
    list_filter = ("action",)
    search_fields = ("actor", "target_id")
    ordering = ("-pk",)
    show_full_result_count = False
