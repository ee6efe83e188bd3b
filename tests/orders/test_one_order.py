"""One order takes few statements, and leaves the rows that a large batch would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core import clock, statements
from apps.loyalty.models import PointLot
from apps.members.models import MemberFacts
from apps.orders import services as orders
from apps.orders.models import MemberCategory, MemberStore, Order, OrderLine
from tests import make
from tests.loyalty.ledger import rule

NOW = clock.now()
CUSTOMER = orders.CustomerIn("陳思妤", phone="0912345678")
# The savepoint of the test's own transaction is two of them.
BUDGET = 14
pytestmark = pytest.mark.usefixtures("_invariants")


def test_an_order_of_a_known_member_takes_few_statements() -> None:
    make.product()
    rule()
    orders.record([make.order_in("A-0", customer=CUSTOMER)], now=NOW)

    with CaptureQueriesContext(connection) as queries:
        orders.record([make.order_in("A-1", customer=CUSTOMER)], now=NOW)

    assert PointLot.objects.count() == 2
    assert len(queries) <= BUDGET, [each["sql"] for each in queries]


def told() -> list[orders.OrderIn]:
    """Return orders that use whatever an order may have."""
    at = NOW - timedelta(days=3, microseconds=7)
    line = orders.LineIn("1", "coat-01-M", "外套\t\\N \"'", 2, 900, 80, 40)
    return [
        make.order_in("P-1", customer=CUSTOMER, coupons=("A,1", 'B"{}'), tax=100),
        make.order_in("P-2", customer=CUSTOMER, placed_at=at, paid_at=None),
        make.order_in(
            "P-3", channel="store", store_code="s01", seller_code="lin",
            lines=(line,), discount=7, points_used=3, points_discount=3,
            ship_to="台北市\n中山區", reference="ref", updated_at=at,
        ),
        make.order_in("P-4", status="cancelled", cancelled_at=at, placed_at=at),
    ]  # fmt: skip


def left() -> list[list[dict[str, Any]]]:
    """Return what the orders left, without the rows' own ids."""
    return [
        [
            {k: v for k, v in row.items() if k not in ("id", "order_id", "entry_id")}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (
            Order, OrderLine, MemberFacts, MemberStore, MemberCategory, PointLot,
        )
    ]  # fmt: skip


def test_few_orders_are_written_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    make.product()
    make.staff(code="lin", at=make.store(code="s01"))
    rule()
    orders.record([make.order_in("P-0", customer=CUSTOMER)], now=NOW)
    batch = told()
    with transaction.atomic():
        orders.record(batch, now=NOW)
        few = left()
        transaction.set_rollback(True)

    monkeypatch.setattr(statements, "FEW", 0)
    orders.record(batch, now=NOW)

    assert left() == few
