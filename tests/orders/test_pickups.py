"""What is fetched at a store moves along its arrows, and what is short is refunded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.catalog.models import Stock
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import MemberFacts
from apps.orders import services as orders
from apps.orders.models import Order, Pickup, Refund
from apps.orders.rules.pickups import ARROWS, Pieces, hand_over
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")


@pytest.fixture
def store(db: None) -> Store:
    return make.store()


@pytest.fixture
def clerk(store: Store) -> Staff:
    return make.staff(at=store)


@pytest.fixture
def shelf(store: Store) -> Stock:
    """Two coats lie in the store; the knits come by parcel."""
    coat = make.product().variants.get(sku="coat-01-M")
    return Stock.objects.create(variant=coat, store=store, quantity=2)


@pytest.fixture
def pickup(store: Store, shelf: Stock) -> Pickup:
    row = make.order_in(customer=CHEN, pickup_store_code=store.code)
    orders.record([row], now=NOW)
    return Pickup.objects.get()


def reserved() -> tuple[int, int]:
    """Return how many coats lie in the store, and how many are kept."""
    return Stock.objects.values_list("quantity", "reserved").get()


def lines(pickup: Pickup) -> list[int]:
    return list(pickup.lines.values_list("pk", flat=True))


def test_an_order_to_be_fetched_lies_at_its_store(pickup: Pickup) -> None:
    assert (pickup.state, pickup.lines.count()) == ("placed", 2)
    assert reserved() == (2, 1)


def test_a_store_that_nobody_knows_is_an_error() -> None:
    row = make.order_in(pickup_store_code="nowhere")

    (answer,) = orders.record([row], now=NOW)

    assert (answer.status, answer.field) == ("rejected", "pickup_store_code")


def test_it_is_laid_out_and_handed_over(pickup: Pickup, clerk: Staff) -> None:
    orders.start_picking(pickup, by=clerk, now=NOW)
    ready = orders.make_ready(pickup, by=clerk, now=NOW)
    assert ready.hold_until == NOW + timedelta(days=7)
    assert Order.objects.get().status == "ready"
    coat, knits = lines(pickup)

    done = orders.hand_over(pickup, {coat: 1, knits: 2}, by=clerk, now=NOW)

    assert (done.state, done.handed_by, done.fee_due_at) == ("collected", clerk, NOW)
    assert Order.objects.get().status == "completed"
    assert reserved() == (1, 0)
    assert not Refund.objects.exists()


def test_the_last_collection_refunds_what_is_short(
    pickup: Pickup, clerk: Staff, store: Store
) -> None:
    orders.make_ready(pickup, by=clerk, now=NOW)
    coat, knits = lines(pickup)

    some = orders.hand_over(pickup, {coat: 1}, by=clerk, now=NOW)
    assert (some.state, some.fee_due_at) == ("partial", None)
    assert not Refund.objects.exists()
    last = orders.hand_over(pickup, {knits: 1}, by=clerk, now=NOW, is_last=True)

    assert last.state == "collected"
    refund = Refund.objects.get()
    assert (refund.amount, refund.store, refund.handled_by) == (990, store, clerk)
    assert MemberFacts.objects.get().spend == 5_260 - 990


def test_more_than_is_left_is_refused(pickup: Pickup, clerk: Staff) -> None:
    orders.make_ready(pickup, by=clerk, now=NOW)
    coat, _knits = lines(pickup)

    with pytest.raises(Refused) as refused:
        orders.hand_over(pickup, {coat: 2}, by=clerk, now=NOW)

    assert refused.value.code == "too_many"


def test_what_was_handed_over_twice_is_handed_over_once(
    pickup: Pickup, clerk: Staff
) -> None:
    orders.make_ready(pickup, by=clerk, now=NOW)
    whole = dict(zip(lines(pickup), (1, 2), strict=True))
    orders.hand_over(pickup, whole, by=clerk, now=NOW)

    with pytest.raises(Refused) as refused:
        orders.hand_over(pickup, whole, by=clerk, now=NOW)

    assert refused.value.code == "pickup_state"


def test_what_is_not_fetched_goes_back_to_the_shelf(
    pickup: Pickup, clerk: Staff
) -> None:
    orders.make_ready(pickup, by=clerk, now=NOW)

    assert orders.expire_pickups(now=NOW + timedelta(days=8)) == 1

    pickup.refresh_from_db()
    assert pickup.state == "expired"
    assert reserved() == (2, 0)
    orders.send_back(pickup, by=clerk, now=NOW)
    assert Refund.objects.get().amount == 5_260


def test_a_cancelled_order_leaves_the_store(pickup: Pickup, store: Store) -> None:
    row = make.order_in(customer=CHEN, pickup_store_code=store.code,
                        cancelled_at=NOW, updated_at=NOW)  # fmt: skip
    orders.record([row], now=NOW)

    pickup.refresh_from_db()
    assert pickup.state == "returned"
    assert reserved() == (2, 0)
    assert Order.objects.get().refunded == 5_260


def test_an_unpaid_order_is_paid_at_the_store_first(
    store: Store, clerk: Staff, shelf: Stock
) -> None:
    row = make.order_in(customer=CHEN, pickup_store_code=store.code, paid_at=None)
    orders.record([row], now=NOW)
    pickup = Pickup.objects.get()
    orders.make_ready(pickup, by=clerk, now=NOW)
    whole = dict(zip(lines(pickup), (1, 2), strict=True))
    with pytest.raises(Refused) as refused:
        orders.hand_over(pickup, whole, by=clerk, now=NOW)
    assert refused.value.code == "pickup_unpaid"

    paid = orders.take_payment(pickup.order, receipt=orders.Receipt("T-1", NOW),
                               by=clerk, now=NOW)  # fmt: skip
    orders.hand_over(pickup, whole, by=clerk, now=NOW)

    assert paid.paid_at == NOW
    assert MemberFacts.objects.get().spend == 5_260


@pytest.mark.parametrize("old", sorted(ARROWS))
def test_the_database_knows_the_arrows(pickup: Pickup, clerk: Staff, old: str) -> None:
    facts = {"ready_at": NOW, "received_by": clerk, "hold_until": NOW,
             "collected_at": NOW, "handed_by": clerk}  # fmt: skip
    passed = set()
    for new in ARROWS:
        closed = {"closed_at": NOW if old in ("collected", "returned") else None}
        with connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            Pickup.objects.update(state=old, **facts, **closed)
            cursor.execute("set local session_replication_role = origin")
        closed = {"closed_at": NOW if new in ("collected", "returned") else None}
        try:
            with transaction.atomic():
                Pickup.objects.update(state=new, **closed)
            passed.add(new)
        except DatabaseError:
            continue
    assert passed == ARROWS[old] | {old}
    pickup.delete()  # no such story was told


@pytest.mark.parametrize(
    ("given", "is_last", "state", "short"),
    [
        ({1: 2, 2: 1}, False, "collected", {}),
        ({1: 1}, False, "partial", {}),
        ({1: 1}, True, "collected", {1: 1, 2: 1}),
        ({}, False, "", {}),
        ({1: 3}, False, "", {}),
    ],
)
def test_what_a_hand_over_leaves(
    given: dict[int, int],
    is_last: bool,  # noqa: FBT001
    state: str,
    short: dict[int, int],
) -> None:
    pieces = [Pieces(1, 2, 0), Pieces(2, 1, 0)]

    ruling = hand_over(pieces, given, is_last=is_last)

    assert (ruling.state, ruling.short) == (state, short)
