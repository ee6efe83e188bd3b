"""The keys of other systems, for HQ to watch and to switch off."""

from django.contrib import admin
from django.http import HttpRequest

from apps.audit.admin import AuditedAdmin
from apps.gateway.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    """What `manage.py make_api_key` made; the keys themselves are not kept."""

    list_display = ("name", "prefix", "scopes", "is_active", "last_used_at")
    fields = ("name", "prefix", "scopes", "is_active", "created_at", "last_used_at")
    readonly_fields = ("prefix", "scopes", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave making to the command, which can show a key once."""
        return False
