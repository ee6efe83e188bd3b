"""Products for whoever shows or sells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Query, Router

from apps.catalog import reports
from apps.catalog import services as catalog
from apps.catalog.models import Product, Variant
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import faults

router = Router(tags=["Products"])

Cursor = Annotated[
    str | None,
    Query(
        max_length=60,
        pattern=schemas.PRINTABLE,
        description="`next` of the page before; the first page has none",
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Products a page")]


@router.get(
    "products",
    auth=ApiKeyAuth("products:read"),
    response={200: schemas.Products, **faults(401, 403, 422, 429)},
)
def list_products(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = 100
) -> schemas.Products:
    """Return the products on sale with variants and stock, a page at a time."""
    found = Product.objects.on_sale().order_by("code").select_related("category")
    if cursor:
        found = found.filter(code__gt=cursor)
    variants = Prefetch("variants", Variant.objects.order_by("pk"))
    page = list(found.prefetch_related(variants)[: limit + 1])
    stock = reports.stock_of(page)
    return schemas.Products(
        products=[_shown(product, stock) for product in page[:limit]],
        next=page[limit - 1].code if len(page) > limit else None,
    )


def _shown(product: Product, stock: Mapping[int, int]) -> schemas.Product:
    return schemas.Product(
        code=product.code,
        name=product.name,
        name_en=product.name_en,
        price=product.price,
        category=product.category.name,
        picture_url=catalog.picture_url(product),
        description=product.description,
        variants=[
            schemas.Variant(
                sku=variant.sku,
                color=variant.color,
                size=variant.size,
                price=product.price,
                stock=stock.get(variant.pk, 0),
            )
            for variant in product.variants.all()
        ],
    )
