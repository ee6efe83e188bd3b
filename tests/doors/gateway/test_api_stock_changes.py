"""Stock changed by so many: once by its key, in order, never below nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from apps.catalog import services as catalog
from apps.catalog.models import Stock, Variant
from apps.stores.models import Store
from tests import make
from tests.doors.gateway.conftest import Call

THREADS = 8


@pytest.fixture
def store(db: None) -> Store:
    make.product()
    return make.store(code="tp01")


def change(by: int, sku: str = "coat-01-M", store_code: str = "tp01") -> dict[str, Any]:
    """Return a change as a warehouse sends it."""
    return {"sku": sku, "store_code": store_code, "change": by}


def sent(call: Call, key: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Send the changes; return the results."""
    answer = call(
        "POST", "stock/changes", {"stock": list(rows)}, **{"Idempotency-Key": key}
    )
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


@pytest.mark.django_db
def test_rows_count_one_after_the_other(call: Call, store: Store) -> None:
    rows = change(5), change(-2), change(-4), change(-3), change(0)

    told = sent(call, "k-1", *rows)

    assert [row.get("quantity") for row in told] == [5, 3, None, 0, 0]
    assert [row["status"] for row in told] == [
        "changed", "changed", "rejected", "changed", "unchanged",
    ]  # fmt: skip
    assert told[2]["field"] == "change"
    assert Stock.objects.get(store=store).quantity == 0


@pytest.mark.django_db
def test_the_same_key_counts_once_and_no_key_is_refused(
    call: Call, store: Store
) -> None:
    first, again = sent(call, "k-1", change(5)), sent(call, "k-1", change(5))

    assert first == again
    assert Stock.objects.get(store=store).quantity == 5
    keyless = call("POST", "stock/changes", {"stock": [change(5)]})
    assert keyless.status_code == 422
    assert Stock.objects.get(store=store).quantity == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "field"),
    [
        (change(1, sku="nothing"), "sku"),
        (change(1, store_code="nowhere"), "store_code"),
        ({**change(1), "change": 1.5}, "change"),
        ({**change(1), "change": True}, "change"),
        (change(10**12), "change"),
    ],
)
def test_a_bad_change_names_its_field_and_keeps_no_other_out(
    call: Call, store: Store, row: dict[str, Any], field: str
) -> None:
    first, bad, last = sent(call, "k-1", change(2), row, change(3))

    assert (first["quantity"], last["quantity"]) == (2, 5)
    assert (bad["status"], bad["field"]) == ("rejected", field)


def race(work: Callable[[], object]) -> None:
    """Do the work in all threads at the same moment."""
    barrier = threading.Barrier(THREADS)

    def run(_place: int) -> None:
        try:
            barrier.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


@pytest.fixture
def place(store: Store) -> tuple[int, int]:
    """Return the place of a coat in the store; nothing was ever counted there."""
    return Variant.objects.get(sku="coat-01-M").pk, store.pk


@pytest.mark.django_db(transaction=True)
def test_changes_at_the_same_time_all_count(place: tuple[int, int]) -> None:
    race(lambda: catalog.change_stock([(place, 2)]))
    race(lambda: catalog.change_stock([(place, -1)]))

    assert Stock.objects.get().quantity == THREADS


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_changes_are_lost(
    place: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = catalog.set_stock

    def late(wanted: Any) -> Any:
        time.sleep(0.1)
        return written(wanted)

    monkeypatch.setattr(catalog, "set_stock", late)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)

    race(lambda: catalog.change_stock([(place, 2)]))

    assert Stock.objects.get().quantity < 2 * THREADS
