"""What is done with the catalogue: fill it, and say where a product can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction

from apps.catalog.models import Category, Product, Stock, Variant
from apps.stores.models import Store

Place = tuple[int, int]  # the ids of a variant and a store
Level = Literal["new", "changed", "unchanged"]
MOST_PIECES = 1_000_000_000


@dataclass(frozen=True)
class VariantIn:
    """A variant as it comes in; `stock` is the quantity by the store's code."""

    sku: str
    color: str = ""
    size: str = ""
    stock: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductIn:
    """A product as it comes in; the price is in NT$."""

    code: str
    name: str
    category: str  # the category's slug
    category_name: str
    price: int
    name_en: str = ""
    category_name_en: str = ""
    description: str = ""
    path: str = ""
    art: str = ""
    hue: int = 60
    is_active: bool = True
    variants: tuple[VariantIn, ...] = ()


def product_url(product: Product) -> str:
    """Return the address of the product's page in the shop."""
    path = product.path or f"/products/{product.code}"
    return f"{settings.SHOP_URL}/{path.lstrip('/')}"


def picture_url(product: Product) -> str:
    """Return the whole address of the product's picture, for others' pages."""
    return urljoin(f"{settings.PUBLIC_URL}/", product.picture_url)


@transaction.atomic
def upsert_products(batch: Sequence[ProductIn]) -> list[Product]:
    """Bring the products, their variants and their stock up to the batch.

    Known by code and by SKU; of a repeated one the last counts. What the batch does
    not name stays as it is. Stock in a store that nobody knows is a LookupError.
    """
    latest = {row.code: row for row in batch}
    categories = _upsert_categories(list(latest.values()))
    products = Product.objects.bulk_create(
        [_product(row, categories[row.category]) for row in latest.values()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "name", "name_en", "category", "price", "description", "path", "art",
            "hue", "is_active",
        ],
    )  # fmt: skip
    _upsert_variants({row.code: row for row in latest.values()}, products)
    return products


@transaction.atomic
def set_stock(wanted: Mapping[Place, int]) -> dict[Place, Level]:
    """Set how many of a variant lie in a store; return what became of each.

    What is kept for carts and orders stays kept. The rows are locked in the order in
    which reservations lock them.
    """
    variants = {variant for variant, _store in wanted}
    found = Stock.objects.filter(variant__in=variants).order_by("pk")
    held = {(row.variant_id, row.store_id): row for row in found.select_for_update()}
    answers: dict[Place, Level] = {}
    written = []
    for place, quantity in wanted.items():
        row = held.get(place)
        answers[place] = "new" if row is None else "changed"
        if row is not None and row.quantity == quantity:
            answers[place] = "unchanged"
            continue
        written.append(Stock(variant_id=place[0], store_id=place[1], quantity=quantity))
    Stock.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["variant", "store"],
        update_fields=["quantity"],
        batch_size=1_000,
    )
    return answers


@transaction.atomic
def change_stock(changes: Sequence[tuple[Place, int]]) -> list[int | None]:
    """Add to what lies in stores (a negative change takes out), in the given order.

    Returns the new quantity of each row; None for one that would leave less than
    nothing, which changes nothing. Said again, it counts again: callers know a change
    by a key of their own.
    """
    places = sorted({place for place, _change in changes})
    # A row to lock: two who bring the first pieces must not both begin at nothing.
    Stock.objects.bulk_create(
        [Stock(variant_id=variant, store_id=store) for variant, store in places],
        ignore_conflicts=True,
    )
    variants = {variant for variant, _store in places}
    found = Stock.objects.filter(variant__in=variants).order_by("pk")
    held = {
        (row.variant_id, row.store_id): row.quantity
        for row in found.select_for_update()
    }
    answers: list[int | None] = []
    after: dict[Place, int] = {}
    for place, change in changes:
        quantity = after.get(place, held[place]) + change
        is_sound = 0 <= quantity <= MOST_PIECES
        answers.append(quantity if is_sound else None)
        if is_sound:
            after[place] = quantity
    set_stock(after)
    return answers


def _product(row: ProductIn, category: Category) -> Product:
    return Product(
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        category=category,
        price=row.price,
        description=row.description,
        path=row.path,
        art=row.art,
        hue=row.hue,
        is_active=row.is_active,
    )


def _upsert_categories(rows: Sequence[ProductIn]) -> dict[str, Category]:
    wanted = {
        row.category: Category(
            slug=row.category, name=row.category_name, name_en=row.category_name_en
        )
        for row in rows
    }
    made = Category.objects.bulk_create(
        wanted.values(),
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["name", "name_en"],
    )
    return {category.slug: category for category in made}


def _upsert_variants(rows: dict[str, ProductIn], products: list[Product]) -> None:
    wanted = {
        variant.sku: (product, variant)
        for product in products
        for variant in rows[product.code].variants
    }
    made = Variant.objects.bulk_create(
        [
            Variant(product=product, sku=row.sku, color=row.color, size=row.size)
            for product, row in wanted.values()
        ],
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["product", "color", "size"],
    )
    _upsert_stock({variant: wanted[variant.sku][1].stock for variant in made})


def _upsert_stock(stock: dict[Variant, dict[str, int]]) -> None:
    codes = {code for quantities in stock.values() for code in quantities}
    stores = {store.code: store for store in Store.objects.filter(code__in=codes)}
    if unknown := codes - stores.keys():
        raise LookupError(f"no such store: {', '.join(sorted(unknown))}")
    Stock.objects.bulk_create(
        [
            Stock(variant=variant, store=stores[code], quantity=quantity)
            for variant, quantities in stock.items()
            for code, quantity in quantities.items()
        ],
        update_conflicts=True,
        unique_fields=["variant", "store"],
        update_fields=["quantity"],
    )
