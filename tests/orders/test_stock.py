"""What is kept in a store is never more than lies there, however many ask at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from apps.catalog.models import Stock
from apps.core import clock
from apps.core.errors import Refused
from apps.orders import services as orders
from apps.orders.models import Cart, Reservation
from apps.orders.services import stock
from apps.stores.models import Store
from tests import make

NOW = clock.now()
SOON = NOW + timedelta(hours=1)
PEOPLE = 8


@pytest.fixture
def shelf(db: None) -> Stock:
    """Three coats in a store."""
    variant = make.product().variants.get(sku="coat-01-M")
    return Stock.objects.create(variant=variant, store=make.store(), quantity=3)


def cart(number: int = 0) -> Cart:
    return Cart.objects.create(
        code=f"C{number:012}", source="shop", external_id=str(number), created_at=NOW,
        changed_at=NOW, expires_at=SOON,
    )  # fmt: skip


def keep(shelf: Stock, pieces: int, number: int) -> None:
    orders.reserve_stock(
        {shelf.variant_id: pieces}, store=shelf.store, cart=cart(number), until=SOON,
        now=NOW,
    )  # fmt: skip


def test_what_is_kept_is_not_available_to_others(shelf: Stock) -> None:
    keep(shelf, 2, 1)

    shelf.refresh_from_db()
    assert (shelf.quantity, shelf.reserved, shelf.available) == (3, 2, 1)
    with pytest.raises(Refused) as refused:
        keep(shelf, 2, 2)
    assert refused.value.code == "out_of_stock"


def test_the_same_cart_again_keeps_anew(shelf: Stock) -> None:
    mine = cart()
    for pieces in (1, 3, 2):
        orders.reserve_stock({shelf.variant_id: pieces}, store=shelf.store, cart=mine,
                             until=SOON, now=NOW)  # fmt: skip

    shelf.refresh_from_db()
    assert shelf.reserved == 2


def test_what_was_kept_too_long_is_let_go(shelf: Stock) -> None:
    keep(shelf, 3, 1)

    assert orders.release_overdue(now=SOON) == 3

    shelf.refresh_from_db()
    assert shelf.reserved == 0
    assert Reservation.objects.get().state == Reservation.State.RELEASED


def test_a_count_below_what_is_kept_leaves_nothing_available(shelf: Stock) -> None:
    keep(shelf, 3, 1)
    Stock.objects.update(quantity=1)

    shelf.refresh_from_db()
    assert shelf.available == 0


def race(shelf: Stock) -> list[str]:
    """Let everybody ask for a coat at the same moment; return what came of it."""
    ready = threading.Barrier(PEOPLE)
    carts = [cart(number) for number in range(PEOPLE)]
    variant, store = shelf.variant_id, Store.objects.get()

    def one(mine: Cart) -> str:
        ready.wait()
        try:
            orders.reserve_stock({variant: 1}, store=store, cart=mine, until=SOON,
                                 now=NOW)  # fmt: skip
        except Refused:
            return "refused"
        except DatabaseError:
            return "error"
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, carts))


@pytest.mark.django_db(transaction=True)
def test_eight_ask_for_three_coats(shelf: Stock) -> None:
    came = race(shelf)

    assert sorted(came) == ["kept"] * 3 + ["refused"] * 5
    assert Stock.objects.get().reserved == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_the_count_is_lost(
    shelf: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = threading.Barrier(PEOPLE)

    def hold(keys: object) -> dict[tuple[int, int], Stock]:
        rows = {(row.variant_id, row.store_id): row for row in Stock.objects.all()}
        passing.wait()
        return rows

    monkeypatch.setattr(stock, "hold", hold)

    came = race(shelf)

    assert came.count("kept") > 3
    assert Stock.objects.get().reserved < came.count("kept")


def test_the_database_refuses_to_keep_more_than_lies_there(shelf: Stock) -> None:
    with pytest.raises(DatabaseError):
        Stock.objects.update(reserved=4)
