"""What is done with the catalogue: fill it, count it, say where a product is seen."""

from apps.catalog.services.goods import (
    ProductIn,
    VariantIn,
    picture_url,
    product_url,
    upsert_products,
)
from apps.catalog.services.known import Known, Level, ProductTold, VariantTold, known
from apps.catalog.services.stock import MOST_PIECES, Place, change_stock, set_stock

__all__ = [
    "MOST_PIECES",
    "Known",
    "Level",
    "Place",
    "ProductIn",
    "ProductTold",
    "VariantIn",
    "VariantTold",
    "change_stock",
    "known",
    "picture_url",
    "product_url",
    "set_stock",
    "upsert_products",
]
