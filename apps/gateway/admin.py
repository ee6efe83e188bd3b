"""The keys of other systems, to switch off; and what came in, to help along."""

from typing import cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.audit.admin import AuditedAdmin, ReadOnlyAdmin
from apps.core import clock
from apps.gateway import services
from apps.gateway.models import ApiKey, InboundEvent
from apps.staff.models import Staff


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    """What `manage.py make_api_key` made; the keys themselves are not kept."""

    list_display = ("name", "prefix", "scopes", "is_active", "last_used_at")
    fields = ("name", "prefix", "scopes", "is_active", "created_at", "last_used_at")
    readonly_fields = ("prefix", "scopes", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave making to the command, which can show a key once."""
        return False


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnlyAdmin):
    """What came in and what became of it; the words themselves stay out of here."""

    list_display = ("received_at", "account", "type", "state", "attempts", "error")
    list_filter = ("state", "type", "account")
    list_select_related = ("account",)
    search_fields = ("event_id", "user_id")
    ordering = ("-pk",)
    show_full_result_count = False
    exclude = ("body",)
    actions = ("requeue",)

    @admin.action(description=_("重新處理所選的失敗事件"))
    def requeue(
        self, request: HttpRequest, queryset: models.QuerySet[InboundEvent]
    ) -> None:
        """Route the dead ones once more."""
        who = cast("Staff", request.user)
        number = services.requeue(queryset, by=who, now=clock.now())
        said = _("已重新排入 %(number)s 筆事件") % {"number": number}
        self.message_user(request, said)
