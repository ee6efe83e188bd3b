"""Any shuffling and duplication of an order's history ends in one state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.members.models import MemberFacts
from apps.orders import services as orders
from apps.orders.invariants import INVARIANTS
from apps.orders.models import Order, OrderLine, ParkedRefund, Refund, RefundLine
from tests import make

NOW = clock.now()
HOUR = timedelta(hours=1)
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")
CREATED = make.order_in(customer=CHEN, placed_at=NOW - 9 * HOUR, paid_at=None, tax=40)
CREATED = replace(CREATED, updated_at=NOW - 9 * HOUR, ship_to="台北市中山北路 1 號")
UPDATED = replace(CREATED, discount=301, updated_at=NOW - 8 * HOUR)
PAID = replace(UPDATED, paid_at=NOW - 7 * HOUR, updated_at=NOW - 7 * HOUR)
SHIPPED = replace(PAID, status="shipped", updated_at=NOW - 6 * HOUR)
CANCELLED = replace(SHIPPED, status="cancelled", updated_at=NOW - HOUR)
ONE_KNIT = make.refund_in("R-a", orders.RefundLineIn("2", 1))
SOME_COAT = make.refund_in("R-b", orders.RefundLineIn("1", 0, 280))
ALIVE = (CREATED, UPDATED, PAID, SHIPPED, ONE_KNIT, SOME_COAT)
HISTORIES = (ALIVE, (*ALIVE, CANCELLED), (CREATED, UPDATED, replace(
    CANCELLED, paid_at=None, status="cancelled"
)))  # fmt: skip


def tell(event: orders.OrderIn | orders.RefundIn) -> None:
    """Bring one event in."""
    if isinstance(event, orders.OrderIn):
        orders.record([event], now=NOW)
    else:
        orders.record_refunds([event], now=NOW)


def state() -> dict[str, Any]:
    """Return all that counts of what is recorded."""
    order = ("net", "tax", "refunded", "status", "paid_at", "cancelled_at", "ship_to")
    line = ("external_id", "quantity", "net", "discount", "tax")
    part = ("refund__external_id", "refund__kind", "line__external_id", "quantity",
            "amount")  # fmt: skip
    return {
        "order": list(Order.objects.values_list(*order)),
        "lines": sorted(OrderLine.objects.filter(quantity__gt=0).values_list(*line)),
        "refunds": sorted(Refund.objects.values_list("external_id", "kind", "amount")),
        "parts": sorted(RefundLine.objects.values_list(*part)),
        "facts": list(MemberFacts.objects.values_list("orders", "spend", "spend_12m")),
        "parked": ParkedRefund.objects.count(),
    }


@contextmanager
def forgotten() -> Iterator[None]:
    """Forget afterwards all that was told, deferred constraints checked."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        transaction.set_rollback(True)


@st.composite
def told(draw: st.DrawFn) -> tuple[tuple[Any, ...], list[Any]]:
    """Draw a history, and it shuffled, with some of it told again and again."""
    history = draw(st.sampled_from(HISTORIES))
    again = draw(st.lists(st.sampled_from(history), max_size=6))
    return history, draw(st.permutations([*history, *again]))


def check(drawn: tuple[tuple[Any, ...], list[Any]]) -> None:
    """Tell a history in order and shuffled; both must leave the same."""
    history, shuffled = drawn
    with forgotten():
        for event in history:
            tell(event)
        expected = state()
    with forgotten():
        for event in shuffled:
            tell(event)
        assert state() == expected
        with connection.cursor() as cursor:
            for name, query in INVARIANTS.items():
                cursor.execute(query)
                assert not cursor.fetchall(), name


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(told())
@pytest.mark.django_db
def test_a_history_told_in_any_way_ends_the_same(
    drawn: tuple[tuple[Any, ...], list[Any]],
) -> None:
    check(drawn)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(told())
@pytest.mark.django_db
def test_full_a_history_told_in_any_way_ends_the_same(
    drawn: tuple[tuple[Any, ...], list[Any]],
) -> None:
    check(drawn)


@pytest.mark.django_db
def test_a_cancelled_order_counts_as_wholly_refunded() -> None:
    for event in (PAID, ONE_KNIT, CANCELLED):
        tell(event)

    order = Order.objects.get()
    assert (order.status, order.refunded) == ("cancelled", order.net)
    assert MemberFacts.objects.get().spend == 0
    rest = Refund.objects.get(kind=Refund.Kind.CANCELLED)
    assert rest.reversal_due_at == NOW
    assert rest.refunded_at == CANCELLED.updated_at


@pytest.mark.django_db
def test_a_late_refund_takes_its_part_of_a_cancellation() -> None:
    for event in (PAID, CANCELLED, ONE_KNIT):
        tell(event)

    parts = dict(Refund.objects.values_list("kind", "amount"))
    assert sum(parts.values()) == Order.objects.get().net
    assert parts["returned"] > 0


@pytest.mark.django_db
def test_a_cancelled_order_may_still_change_its_lines() -> None:
    tell(PAID)
    tell(CANCELLED)
    less = replace(CANCELLED, lines=CANCELLED.lines[:1], updated_at=NOW)

    (answer,) = orders.record([less], now=NOW)

    assert answer.status == "changed"
    order = Order.objects.get()
    assert (order.net, order.refunded) == (3_280 - 301, 3_280 - 301)


@pytest.mark.django_db
def test_a_step_back_is_not_taken_and_said() -> None:
    tell(SHIPPED)
    back = replace(PAID, status="paid", updated_at=NOW)

    (answer,) = orders.record([back], now=NOW)

    assert (answer.status, answer.field) == ("changed", "status")
    assert "stays shipped" in answer.why
    assert Order.objects.get().status == "shipped"


@pytest.mark.django_db
def test_another_currency_is_refused() -> None:
    (answer,) = orders.record([replace(PAID, currency="USD")], now=NOW)

    assert (answer.status, answer.field) == ("rejected", "currency")


@pytest.mark.django_db
def test_a_refund_names_the_store_and_who_took_the_goods_back() -> None:
    store = make.store()
    clerk = make.staff(at=store)
    tell(PAID)
    tell(replace(ONE_KNIT, store_code=store.code, handler_code=clerk.code))

    refund = Refund.objects.get()
    assert (refund.store, refund.handled_by) == (store, clerk)


@pytest.mark.django_db
@pytest.mark.parametrize("first", [0, 1])
def test_an_exchange_keeps_the_seller(first: int) -> None:
    store = make.store()
    clerk = make.staff(at=store)
    bought = make.order_in("A-1", channel="store", store_code=store.code,
                           seller_code=clerk.code)  # fmt: skip
    given_for_it = make.order_in("A-2", channel="store", store_code=store.code,
                                 exchange_of="A-1")  # fmt: skip
    events = [bought, given_for_it]

    tell(events[first])
    tell(events[1 - first])

    assert Order.objects.get(external_id="A-2").seller == clerk


@pytest.mark.django_db
def test_tax_is_split_over_the_lines_by_what_they_cost() -> None:
    tell(PAID)

    taxes = list(OrderLine.objects.order_by("position").values_list("tax", flat=True))
    assert sum(taxes) == Order.objects.get().tax == 40
    assert taxes == [25, 15]
