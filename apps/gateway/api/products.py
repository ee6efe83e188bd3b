"""Products: sent by whoever keeps them, read by whoever shows or sells them.

Annotations are real here, not postponed: see `orders`.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import WrapValidator

from apps.catalog import reports
from apps.catalog import services as catalog
from apps.catalog.models import Product, Variant
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Amount, Name, Unreadable, text_of

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


class VariantRow(Schema):
    """A variant as it is sent; what is left out stays as it is."""

    sku: Annotated[str, text_of(40, "Known by this everywhere")]
    color: Annotated[str, text_of(20, "Its colour", 0)] = ""
    size: Annotated[str, text_of(12, "Its size", 0)] = ""


class ProductRow(Schema):
    """A product as it is sent; what is left out stays as it is."""

    code: str = Field(
        min_length=1, max_length=30, pattern=r"^[-a-zA-Z0-9_]+$",
        description="Known by this everywhere",
    )  # fmt: skip
    name: Annotated[str, text_of(60, "Its name")]
    category: Annotated[str, text_of(40, "By name or slug; an unknown one is made")]
    price: Amount
    name_en: Annotated[str, text_of(80, "Its English name", 0)] = ""
    description: Name = Field(default="", max_length=5_000)
    path: Annotated[str, text_of(200, "Its page in the shop, such as /p/1", 0)] = ""
    is_active: bool | None = Field(default=None, description="Whether it is on sale")
    variants: list[VariantRow] = Field(min_length=1, max_length=200)


class ProductRows(Schema):
    """A batch of products."""

    products: list[Annotated[ProductRow, WrapValidator(schemas.or_unreadable)]] = Field(
        min_length=1, max_length=schemas.MOST_ROWS
    )


class ProductResult(Schema):
    """What became of a row; for a rejected one the field and why."""

    code: str
    status: Literal["new", "changed", "unchanged", "rejected"]
    field: str | None = None
    why: str | None = None


class ProductResults(Schema):
    """One result for each row, in the order they were sent."""

    results: list[ProductResult]


@router.put(
    "products",
    auth=ApiKeyAuth("products:write"),
    response={200: ProductResults, **faults(*SENDING)},
    exclude_none=True,
)
@once
@transaction.atomic
def send_products(
    request: KeyedRequest, batch: ProductRows, idempotency_key: IdempotencyKey = None
) -> ProductResults:
    """Add products or bring them up to date; each row has a result of its own.

    Known by `code`, their variants by `sku`. Variants that a row does not name stay. A
    product or SKU named twice counts where it came first; the later row is rejected.
    """
    rows = [row for row in batch.products if isinstance(row, ProductRow)]
    known = catalog.known(
        {row.code for row in rows}, {each.sku for row in rows for each in row.variants}
    )
    taken: dict[str, str] = {}  # the codes of this batch's products by their SKUs
    wanted: list[catalog.ProductIn] = []

    def result(row: ProductRow | Unreadable) -> ProductResult:
        if isinstance(row, Unreadable):
            return _rejected("", row.field, row.why)
        if refusal := _refusal(row, known, taken):
            return refusal
        taken.update({each.sku: row.code for each in row.variants})
        product = known.complete(_told(row))
        level = known.level(product)
        if level != "unchanged":
            wanted.append(product)
        return ProductResult(code=row.code, status=level)

    results = [result(row) for row in batch.products]
    catalog.upsert_products(wanted)
    return ProductResults(results=results)


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


def _refusal(
    row: ProductRow, known: catalog.Known, taken: Mapping[str, str]
) -> ProductResult | None:
    """Return why the row cannot be taken, None where it can."""
    if row.code in taken.values():
        return _rejected(row.code, "code", "an earlier row is this product")
    skus = [each.sku for each in row.variants]
    for at, sku in enumerate(skus):
        field = f"variants.{at}.sku"
        if sku in skus[:at]:
            return _rejected(row.code, field, "is named twice")
        owner = taken.get(sku) or known.owner_of(sku, but=row.code)
        if owner:
            return _rejected(row.code, field, f"is a variant of {owner}")
    return None


def _told(row: ProductRow) -> catalog.ProductTold:
    variants: Sequence[VariantRow] = row.variants
    return catalog.ProductTold(
        code=row.code,
        name=row.name,
        category=row.category,
        price=row.price,
        variants=tuple(
            catalog.VariantTold(each.sku, each.color, each.size) for each in variants
        ),
        name_en=row.name_en,
        description=row.description,
        path=row.path,
        is_active=row.is_active,
    )


def _rejected(code: str, field: str, why: str) -> ProductResult:
    return ProductResult(code=code, status="rejected", field=field, why=why)
