"""Which products a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from apps.catalog.models import Product  # noqa: F401  (the rows' types)


class ProductQuerySet(models.QuerySet["Product"]):
    """Things for sale."""

    def on_sale(self) -> ProductQuerySet:
        """Keep what the shop shows."""
        return self.filter(is_active=True)

    def matching(self, text: str) -> ProductQuerySet:
        """Keep what every word of the text is found in.

        A word is looked for in both names, in the category's, and at the start of
        the product's code and of a SKU.
        """
        found = self
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(name_en__icontains=word)
                | Q(category__name__icontains=word)
                | Q(category__name_en__icontains=word)
                | Q(code__istartswith=word)
                | Q(variants__sku__istartswith=word)
            )
        return found.distinct()
