"""Stock of variants in stores: set by whoever counts it, read by whoever sells.

Annotations are real here, not postponed: see `orders`.
"""

from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import WrapValidator

from apps.catalog import services as catalog
from apps.catalog.models import Stock, Variant
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import IdempotencyKey, KeyedRequest, once
from apps.gateway.api.schemas import Unreadable
from apps.stores.models import Store

router = Router(tags=["Stock"])


class Level(Schema):
    """How many of a variant lie in a store now."""

    sku: Annotated[str, schemas.text_of(40, "A variant's SKU")]
    store_code: Annotated[str, schemas.text_of(20, "The store")]
    quantity: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


class Levels(Schema):
    """A batch of counts."""

    stock: list[Annotated[Level, WrapValidator(schemas.or_unreadable)]] = Field(
        min_length=1, max_length=schemas.MOST_ROWS
    )


class LevelResult(Schema):
    """What became of a row; for a rejected one the field and why."""

    sku: str
    store_code: str
    status: Literal["new", "changed", "unchanged", "rejected"]
    field: str | None = None
    why: str | None = None


class LevelResults(Schema):
    """One result for each row, in the order they were sent."""

    results: list[LevelResult]


class Here(Schema):
    """What lies in a store, and what of it may still be promised."""

    store_code: str
    quantity: int
    reserved: int = Field(description="Kept for carts and orders")
    available: int


class StockOf(Schema):
    """A variant's stock in the open stores."""

    sku: str
    available: int = Field(description="In all stores together")
    stores: list[Here]


@router.put(
    "stock",
    auth=ApiKeyAuth("stock:write"),
    response={200: LevelResults, **faults(*SENDING)},
    exclude_none=True,
)
@once
def set_stock(
    request: KeyedRequest, batch: Levels, idempotency_key: IdempotencyKey = None
) -> LevelResults:
    """Set how many of a variant lie in a store; each row has a result of its own.

    Of a SKU named twice for a store the last row counts. What carts and orders keep
    stays kept.
    """
    rows = [row for row in batch.stock if not isinstance(row, Unreadable)]
    variants = Variant.objects.filter(sku__in={row.sku for row in rows})
    stores = Store.objects.filter(code__in={row.store_code for row in rows})
    skus = dict(variants.values_list("sku", "pk"))
    codes = dict(stores.values_list("code", "pk"))
    done = catalog.set_stock(
        {
            (skus[row.sku], codes[row.store_code]): row.quantity
            for row in rows
            if row.sku in skus and row.store_code in codes
        }
    )

    def result(row: Level | Unreadable) -> LevelResult:
        if isinstance(row, Unreadable):
            return _rejected("", "", row.field, row.why)
        if row.sku not in skus:
            return _rejected(row.sku, row.store_code, "sku", "no such SKU is known")
        if row.store_code not in codes:
            why = "no such store is known"
            return _rejected(row.sku, row.store_code, "store_code", why)
        status = done[skus[row.sku], codes[row.store_code]]
        return LevelResult(sku=row.sku, store_code=row.store_code, status=status)

    return LevelResults(results=[result(row) for row in batch.stock])


@router.get(
    "stock",
    auth=ApiKeyAuth("products:read"),
    response={200: StockOf, **faults(401, 403, 404, 422, 429)},
)
def show_stock(
    request: HttpRequest,
    sku: Annotated[str, Query(min_length=1, max_length=40, pattern=schemas.PRINTABLE)],
) -> StockOf:
    """Return what lies in each open store, and what is available of it."""
    if not Variant.objects.filter(sku=sku).exists():
        raise Http404
    found = Stock.objects.filter(variant__sku=sku, store__is_active=True)
    here = list(found.select_related("store").order_by("store__code"))
    return StockOf(
        sku=sku,
        available=sum(row.available for row in here),
        stores=[
            Here(
                store_code=row.store.code,
                quantity=row.quantity,
                reserved=row.reserved,
                available=row.available,
            )
            for row in here
        ],
    )


def _rejected(sku: str, store: str, field: str, why: str) -> LevelResult:
    return LevelResult(
        sku=sku, store_code=store, status="rejected", field=field, why=why
    )
