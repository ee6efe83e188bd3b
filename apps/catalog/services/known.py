"""What the catalogue holds of the products that a batch names.

Files and the API tell a product in parts: what they leave out stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from apps.catalog.models import Category, Product, Variant
from apps.catalog.services.goods import ProductIn, VariantIn

Level = Literal["new", "changed", "unchanged"]
COMPARED = ("name", "name_en", "price", "description", "path", "is_active")


@dataclass(frozen=True)
class VariantTold:
    """A variant as somebody tells it; an empty text leaves what was."""

    sku: str
    color: str = ""
    size: str = ""


@dataclass(frozen=True)
class ProductTold:
    """A product as somebody tells it; the price in NT$, the category by any name.

    An empty text, and None, leave what was; a new product is on sale.
    """

    code: str
    name: str
    category: str
    price: int
    variants: tuple[VariantTold, ...]
    name_en: str = ""
    description: str = ""
    path: str = ""
    is_active: bool | None = None


@dataclass(frozen=True)
class Known:
    """The products by code, the variants by SKU, the categories by name and slug."""

    products: Mapping[str, Product]
    variants: Mapping[str, Variant]
    categories: Mapping[str, Category]

    def owner_of(self, sku: str, *, but: str) -> str | None:
        """Return the code of another product than `but` whose variant the SKU is."""
        variant = self.variants.get(sku)
        if variant is None or variant.product.code == but:
            return None
        return variant.product.code

    def complete(self, told: ProductTold) -> ProductIn:
        """Return the product with what was left out as it was."""
        was = self.products.get(told.code)
        category = self.categories.get(told.category)
        is_active = told.is_active
        if is_active is None:
            is_active = was.is_active if was else True
        return ProductIn(
            code=told.code,
            name=told.name,
            name_en=told.name_en or (was.name_en if was else ""),
            category=category.slug if category else _slug(told.category),
            category_name=category.name if category else told.category,
            category_name_en=category.name_en if category else "",
            price=told.price,
            description=told.description or (was.description if was else ""),
            path=_page(told.path or (was.path if was else ""))[:200],
            art=was.art if was else "",
            hue=was.hue if was else ProductIn.hue,
            is_active=is_active,
            variants=tuple(self._variant(each) for each in told.variants),
        )

    def level(self, product: ProductIn) -> Level:
        """Say whether the catalogue has the product, and as it is here."""
        was = self.products.get(product.code)
        if was is None:
            return "new"
        is_same = (
            all(getattr(product, name) == getattr(was, name) for name in COMPARED)
            and product.category == was.category.slug
            and all(self._holds(variant) for variant in product.variants)
        )
        return "unchanged" if is_same else "changed"

    def _variant(self, told: VariantTold) -> VariantIn:
        was = self.variants.get(told.sku)
        color = told.color or (was.color if was else "")
        return VariantIn(told.sku, color, told.size or (was.size if was else ""))

    def _holds(self, variant: VariantIn) -> bool:
        held = self.variants.get(variant.sku)
        return held is not None and (held.color, held.size) == (
            variant.color,
            variant.size,
        )


def known(codes: Collection[str], skus: Collection[str]) -> Known:
    """Look the products up by their codes, the variants by their SKUs."""
    products = Product.objects.filter(code__in=codes).select_related("category")
    variants = Variant.objects.filter(sku__in=skus).select_related("product")
    categories = {}
    for category in Category.objects.all():
        categories[category.slug] = categories[category.name] = category
    return Known(
        {product.code: product for product in products},
        {variant.sku: variant for variant in variants},
        categories,
    )


def _page(address: str) -> str:
    """Return the page's path in the shop; a feed gives the whole address."""
    told = urlsplit(address) if address.startswith(("http://", "https://")) else None
    return told.path if told else address


def _slug(name: str) -> str:
    """Return a slug for a shelf that is only known by its name."""
    digest = hashlib.blake2s(name.encode(), digest_size=5).hexdigest()
    return f"shelf-{digest}"
