"""The tiers, for HQ to keep.

Django's admin classes take no type argument when they run, hence the ignore.
"""

from django.contrib import admin

from apps.loyalty.models import Tier


@admin.register(Tier)
class TierAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The rungs of membership."""

    list_display = ("name", "name_en", "code", "threshold", "benefit")
