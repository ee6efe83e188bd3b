"""Products and their variants: fill the catalogue, say where a product can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction

from apps.catalog.models import Category, Product, Stock, Variant
from apps.stores.models import Store


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
    # In one order for everybody, so that two batches wait for each other but once.
    told = {row.code: row for row in batch}
    latest = {code: told[code] for code in sorted(told)}
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
    _upsert_variants(latest, products)
    return products


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
