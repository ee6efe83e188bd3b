"""The tiers, for HQ to keep."""

from django.contrib import admin

from apps.audit.admin import AuditedAdmin
from apps.loyalty.models import Tier


@admin.register(Tier)
class TierAdmin(AuditedAdmin):
    """The rungs of membership."""

    list_display = ("name", "name_en", "code", "threshold", "benefit")
