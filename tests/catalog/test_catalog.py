"""The catalogue is found by any of its words, and filled without doubles."""

from __future__ import annotations

import pytest

from apps.catalog import reports
from apps.catalog import services as catalog
from apps.catalog.models import Product, Stock, Variant
from tests import make

pytestmark = pytest.mark.django_db


def row(**facts: object) -> catalog.ProductIn:
    """Return a coat as it comes in."""
    base = {
        "code": "coat-01",
        "name": "羊毛大衣",
        "name_en": "Wool coat",
        "category": "coats",
        "category_name": "外套",
        "price": 3_280,
        "variants": (catalog.VariantIn("C01-M", "米白", "M"),),
    }
    return catalog.ProductIn(**(base | facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("大衣", True),
        ("wool", True),
        ("c01-", True),
        ("coat-0", True),
        ("外套 米白", False),
        ("外套 羊毛", True),
        ("", True),
        ("裙", False),
    ],
)
def test_every_word_must_be_found_somewhere(text: str, found: bool) -> None:  # noqa: FBT001
    catalog.upsert_products([row()])

    assert Product.objects.on_sale().matching(text).count() == int(found)


def test_what_comes_again_is_brought_up_to_date() -> None:
    make.store(code="S01")
    first = catalog.VariantIn("C01-M", stock={"S01": 3})
    catalog.upsert_products([row(variants=(first,))])
    again = catalog.VariantIn("C01-M", "黑", "M", stock={"S01": 1})

    catalog.upsert_products([row(price=1), row(price=2_980, variants=(again,))])

    assert Product.objects.get().price == 2_980
    variant = Variant.objects.get()
    assert variant.color == "黑"
    assert reports.stock_of(Product.objects.all()) == {variant.pk: 1}
    assert Stock.objects.count() == 1


def test_stock_in_a_store_nobody_knows_is_an_error() -> None:
    with pytest.raises(LookupError):
        catalog.upsert_products(
            [row(variants=(catalog.VariantIn("C01-M", stock={"S99": 3}),))]
        )


def test_the_store_with_most_comes_first() -> None:
    for code in ("S01", "S02", "S03"):
        make.store(code=code)
    stock = {"S01": 1, "S02": 4, "S03": 0}
    (coat,) = catalog.upsert_products(
        [row(variants=(catalog.VariantIn("C01-M", stock=stock),))]
    )

    here = reports.stock_by_store(coat)

    assert [(each.store.code, each.quantity) for each in here] == [
        ("S02", 4),
        ("S01", 1),
    ]


@pytest.mark.parametrize("path", ["", "/products/coat-01"])
def test_a_product_has_an_address_and_a_picture(settings: object, path: str) -> None:
    settings.SHOP_URL, settings.PUBLIC_URL = "https://shop.example", "https://r.example"  # type: ignore[attr-defined]
    coat = Product(code="coat-01", path=path, art="coat", hue=60)

    assert catalog.product_url(coat) == "https://shop.example/products/coat-01"
    assert catalog.picture_url(coat) == "https://r.example/static/products/coat-60.png"
