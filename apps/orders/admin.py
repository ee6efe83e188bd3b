"""Refunds that wait for their order, checks of facts, who may write sales down.

Django's admin classes take no type argument when they run, hence the ignore.
"""

from django.contrib import admin
from django.http import HttpRequest

from apps.orders.models import CounterSales, FactsCheck, ParkedRefund


@admin.register(ParkedRefund)
class ParkedRefundAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What came before its order, or could not be recorded with it."""

    list_display = ("source", "order_external_id", "external_id", "received_at", "why")
    search_fields = ("order_external_id", "external_id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the intake."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ParkedRefund | None = None
    ) -> bool:
        """Show it as it came."""
        return False


@admin.register(FactsCheck)
class FactsCheckAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What each night's comparison of members' facts found."""

    list_display = ("at", "looked_at", "differing", "members", "settled_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the night."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: FactsCheck | None = None
    ) -> bool:
        """Show what was found as it was."""
        return False


@admin.register(CounterSales)
class CounterSalesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Which stores' people may write down sales of other tills."""

    list_display = ("store", "by_managers", "by_salespeople")
    list_editable = ("by_managers", "by_salespeople")
    list_select_related = ("store",)
