"""Regions, stores and their targets, as HQ keeps them."""

from django.contrib import admin

from apps.audit.admin import AuditedAdmin
from apps.stores.models import Region, Store, Target


class TargetInline(admin.TabularInline):  # type: ignore[type-arg]  # no generic at runtime
    """The months' targets on a store's page."""

    model = Target
    extra = 0
    ordering = ("-month",)


@admin.register(Region)
class RegionAdmin(AuditedAdmin):
    """Groups of stores."""

    list_display = ("name", "name_en")
    search_fields = ("name", "name_en")


@admin.register(Store)
class StoreAdmin(AuditedAdmin):
    """Shops. One that closed is switched off, its history needs it."""

    list_display = ("code", "name", "region", "city", "phone", "is_active")
    list_filter = ("is_active", "region")
    list_select_related = ("region",)
    search_fields = ("code", "name", "name_en", "address")
    autocomplete_fields = ("region",)
    inlines = (TargetInline,)


@admin.register(Target)
class TargetAdmin(AuditedAdmin):
    """What each store aims for in a month."""

    list_display = ("store", "month", "amount")
    list_filter = ("store",)
    list_select_related = ("store",)
    date_hierarchy = "month"
    autocomplete_fields = ("store",)
