"""Products sent by the API: new, changed, left alone, and refused one by one."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.catalog.models import Category, Product, Variant
from tests import make
from tests.doors.gateway.conftest import Call

pytestmark = pytest.mark.django_db


def row(code: str = "scarf-01", **changes: Any) -> dict[str, Any]:
    """Return a product as a shop sends it."""
    return {
        "code": code,
        "name": "羊絨圍巾",
        "category": "配件",
        "price": 1_680,
        "variants": [{"sku": f"{code}-CAMEL", "color": "駝色"}],
    } | changes


def sent(call: Call, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Send the products; return the results."""
    answer = call("PUT", "products", {"products": list(rows)})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def statuses(call: Call, *rows: dict[str, Any]) -> list[str]:
    return [result["status"] for result in sent(call, *rows)]


def test_sent_again_it_changes_nothing(call: Call) -> None:
    assert statuses(call, row()) == ["new"]
    assert statuses(call, row()) == ["unchanged"]
    assert statuses(call, row(price=1_480)) == ["changed"]

    scarf = Product.objects.get()
    assert (scarf.price, scarf.category.name, scarf.is_active) == (1_480, "配件", True)
    assert Variant.objects.get().color == "駝色"


def test_what_is_left_out_stays(call: Call) -> None:
    sent(call, row(description="一百支紗\n乾洗", name_en="Cashmere scarf"))
    sent(call, row(is_active=False, variants=[{"sku": "scarf-01-RED"}]))

    scarf = Product.objects.get()
    assert (scarf.description, scarf.name_en) == ("一百支紗\n乾洗", "Cashmere scarf")
    assert not scarf.is_active
    assert {each.sku for each in scarf.variants.all()} == {
        "scarf-01-CAMEL", "scarf-01-RED",
    }  # fmt: skip


def test_a_category_is_known_by_name_and_by_slug(call: Call) -> None:
    shelf = Category.objects.create(slug="scarves", name="圍巾", name_en="Scarves")

    sent(call, row(category="圍巾"), row("scarf-02", category="scarves"))

    assert set(Product.objects.values_list("category", flat=True)) == {shelf.pk}
    shelf.refresh_from_db()
    assert (shelf.name, shelf.name_en) == ("圍巾", "Scarves")


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        (row(price=-1), "price", "greater than or equal to 0"),
        (row(price="1680"), "price", "valid integer"),
        (row("scarf 02"), "code", "match pattern"),
        (row(name=""), "name", "at least 1 character"),
        (row(variants=[]), "variants", "at least 1 item"),
        (row(variants=[{"sku": "coat-01-M"}]), "variants.0.sku", "variant of coat-01"),
        (row(variants=[{"sku": "a"}, {"sku": "a"}]), "variants.1.sku", "named twice"),
        (row("knit-01"), "code", "an earlier row is this product"),
        (row(variants=[{"sku": "knit-01-CAMEL"}]), "variants.0.sku", "of knit-01"),
    ],
)
def test_a_wrong_row_says_why_and_stops_no_other(
    call: Call, wrong: dict[str, Any], field: str, why: str
) -> None:
    make.product("coat-01")

    first, result = sent(call, row("knit-01"), wrong)

    assert first["status"] == "new"
    assert (result["status"], result["field"]) == ("rejected", field)
    assert why in result["why"]
    assert set(Product.objects.values_list("code", flat=True)) == {"coat-01", "knit-01"}


def test_the_statements_do_not_grow_with_the_batch(
    call: Call, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(20):
        told = statuses(call, *(row(f"scarf-{at}") for at in range(500)))

    assert told == ["new"] * 500
