"""Categories and products, for HQ to keep.

Django's admin classes take no type argument when they run, hence the ignores.
"""

from django.contrib import admin
from django.http import HttpRequest

from apps.audit.admin import AuditedAdmin
from apps.catalog.models import Category, Product, Stock, Variant


class VariantInline(admin.TabularInline):  # type: ignore[type-arg]
    """The colours and sizes of a product, on its page."""

    model = Variant
    extra = 0


class StockInline(admin.TabularInline):  # type: ignore[type-arg]
    """Where a variant lies, on its page."""

    model = Stock
    extra = 0


@admin.register(Category)
class CategoryAdmin(AuditedAdmin):
    """The shelves of the shop."""

    list_display = ("name", "name_en", "slug")
    search_fields = ("name", "name_en", "slug")


@admin.register(Product)
class ProductAdmin(AuditedAdmin):
    """What is for sale, with its variants."""

    list_display = ("code", "name", "category", "price", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("code", "name", "name_en", "variants__sku")
    list_select_related = ("category",)
    inlines = (VariantInline,)


@admin.register(Variant)
class VariantAdmin(AuditedAdmin):
    """A variant and its stock; it is added on the page of its product."""

    list_display = ("sku", "product", "color", "size")
    search_fields = ("sku", "product__name", "product__code")
    list_select_related = ("product",)
    autocomplete_fields = ("product",)
    inlines = (StockInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave adding to the product's page."""
        return False
