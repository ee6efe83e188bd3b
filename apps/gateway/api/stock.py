"""Stock of variants in stores: set by whoever counts it, read by whoever sells.

Annotations are real here, not postponed: see `orders`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import WrapValidator

from apps.catalog import services as catalog
from apps.catalog.models import Stock, Variant
from apps.gateway.api import schemas
from apps.gateway.api.auth import ApiKeyAuth
from apps.gateway.api.faults import SENDING, faults
from apps.gateway.api.idempotency import (
    IdempotencyKey,
    KeyedRequest,
    RequiredKey,
    once,
)
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


class Change(Schema):
    """How many of a variant came into a store, or left it (negative)."""

    sku: Annotated[str, schemas.text_of(40, "A variant's SKU")]
    store_code: Annotated[str, schemas.text_of(20, "The store")]
    change: Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000)]


class Changes(Schema):
    """A batch of changes."""

    stock: list[Annotated[Change, WrapValidator(schemas.or_unreadable)]] = Field(
        min_length=1, max_length=schemas.MOST_ROWS
    )


class ChangeResult(LevelResult):
    """What became of a row, and how many lie there now."""

    quantity: int | None = None


class ChangeResults(Schema):
    """One result for each row, in the order they were sent."""

    results: list[ChangeResult]


@dataclass(frozen=True)
class Places:
    """The variants and stores that a batch names, by SKU and by code."""

    skus: Mapping[str, int]
    stores: Mapping[str, int]

    def of(self, row: Level | Change) -> tuple[int, int] | None:
        """Return the place, None where either is unknown."""
        if row.sku in self.skus and row.store_code in self.stores:
            return self.skus[row.sku], self.stores[row.store_code]
        return None

    def refusal(self, row: Level | Change | Unreadable) -> LevelResult:
        """Return what is wrong with a row that names no place."""
        if isinstance(row, Unreadable):
            return _rejected("", "", row.field, row.why)
        field = "store_code" if row.sku in self.skus else "sku"
        what = "store" if row.sku in self.skus else "SKU"
        return _rejected(row.sku, row.store_code, field, f"no such {what} is known")


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
    rows = [row for row in batch.stock if isinstance(row, Level)]
    places = _places(rows)
    wanted = {at: row.quantity for row in rows if (at := places.of(row))}
    done = catalog.set_stock(wanted)

    def result(row: Level | Unreadable) -> LevelResult:
        if isinstance(row, Unreadable) or places.of(row) is None:
            return places.refusal(row)
        status = done[places.skus[row.sku], places.stores[row.store_code]]
        return LevelResult(sku=row.sku, store_code=row.store_code, status=status)

    return LevelResults(results=[result(row) for row in batch.stock])


@router.post(
    "stock/changes",
    auth=ApiKeyAuth("stock:write"),
    response={200: ChangeResults, **faults(*SENDING)},
    exclude_none=True,
)
@once
def change_stock(
    request: KeyedRequest, batch: Changes, idempotency_key: RequiredKey
) -> ChangeResults:
    """Add to stock, or take from it; each row has a result of its own.

    The rows count one after the other. The Idempotency-Key is required: without it a
    repeated request would count twice. A row that would leave less than nothing is
    rejected.
    """
    rows = [row for row in batch.stock if isinstance(row, Change)]
    places = _places(rows)
    sound = [(at, row.change) for row in rows if (at := places.of(row))]
    left = iter(catalog.change_stock(sound))

    def result(row: Change | Unreadable) -> ChangeResult:
        if isinstance(row, Unreadable) or places.of(row) is None:
            return ChangeResult(**places.refusal(row).model_dump())
        now_there = next(left)
        if now_there is None:
            told = _rejected(row.sku, row.store_code, "change", "so many are not there")
            return ChangeResult(**told.model_dump())
        return ChangeResult(
            sku=row.sku,
            store_code=row.store_code,
            status="changed" if row.change else "unchanged",
            quantity=now_there,
        )

    return ChangeResults(results=[result(row) for row in batch.stock])


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


def _places(rows: Sequence[Level | Change]) -> Places:
    variants = Variant.objects.filter(sku__in={row.sku for row in rows})
    stores = Store.objects.filter(code__in={row.store_code for row in rows})
    return Places(
        dict(variants.values_list("sku", "pk")), dict(stores.values_list("code", "pk"))
    )


def _rejected(sku: str, store: str, field: str, why: str) -> LevelResult:
    return LevelResult(
        sku=sku, store_code=store, status="rejected", field=field, why=why
    )
