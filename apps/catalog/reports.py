"""What lies where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Sum

from apps.catalog.models import Product, Stock, Variant
from apps.stores.models import Store


@dataclass(frozen=True)
class StockHere:
    """What a store has of a product."""

    store: Store
    quantity: int
    variants: tuple[tuple[Variant, int], ...]


def stock_of(products: Collection[Product]) -> dict[int, int]:
    """Return how many of each variant lie in all stores together, by its id."""
    rows = Stock.objects.filter(variant__product__in=products)
    sums = rows.values_list("variant").annotate(total=Sum("quantity"))
    return dict(sums.order_by("variant"))


def stock_by_store(product: Product) -> list[StockHere]:
    """Return the stock of each open store that has any, the fullest first."""
    rows = (
        Stock.objects.filter(
            variant__product=product, quantity__gt=0, store__is_active=True
        )
        .select_related("store", "variant")
        .order_by("variant_id")
    )
    by_store: dict[Store, list[tuple[Variant, int]]] = defaultdict(list)
    for row in rows:
        by_store[row.store].append((row.variant, row.quantity))
    here = [
        StockHere(store, sum(count for _variant, count in variants), tuple(variants))
        for store, variants in by_store.items()
    ]
    return sorted(here, key=lambda each: (-each.quantity, each.store.code))
