"""Refunds give back what was paid and no more, in whichever order things come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django_q.models import OrmQ
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.members.models import MemberFacts
from apps.orders import services as orders
from apps.orders.invariants import INVARIANTS
from apps.orders.models import Order, OrderLine, ParkedRefund, Refund, RefundLine
from tests import make

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
CHEN = orders.CustomerIn("陳思妤", phone="0912-345-678")
ONE_KNIT = orders.RefundLineIn("2", 1)


def statuses(answers: list[orders.Recorded]) -> list[str]:
    """Return what became of each row."""
    return [answer.status for answer in answers]


def test_a_refund_is_recorded_and_waits_for_its_reversal() -> None:
    orders.record([make.order_in(customer=CHEN)], now=NOW)
    OrmQ.objects.all().delete()

    answers = orders.record_refunds([make.refund_in("R-1", ONE_KNIT)], now=NOW)

    assert statuses(answers) == ["new"]
    refund = Refund.objects.get()
    assert (refund.amount, refund.reversal_due_at) == (990, NOW)
    assert Order.objects.get().refunded == 990
    assert MemberFacts.objects.get().spend == 5_260 - 990
    assert OrmQ.objects.count() == 1


def test_a_repeated_refund_gives_nothing_back_twice() -> None:
    orders.record([make.order_in()], now=NOW)
    one = make.refund_in("R-1", ONE_KNIT)
    orders.record_refunds([one, one], now=NOW)
    OrmQ.objects.all().delete()

    assert statuses(orders.record_refunds([one], now=NOW)) == ["unchanged"]

    assert Order.objects.get().refunded == 990
    assert not OrmQ.objects.exists()


def test_never_more_than_was_paid() -> None:
    orders.record([make.order_in()], now=NOW)
    batch = [
        make.refund_in("R-1", orders.RefundLineIn("2", 0, 1_980)),
        make.refund_in("R-2", orders.RefundLineIn("2", 0, 1)),
    ]

    first, second = orders.record_refunds(batch, now=NOW)

    assert first.status == "new"
    assert (second.status, second.field) == ("rejected", "lines.0.amount")
    assert "NT$0" in second.why


def test_a_refund_before_its_order_waits_for_it() -> None:
    answers = orders.record_refunds([make.refund_in()], now=NOW)
    assert statuses(answers) == ["parked"]

    orders.record([make.order_in(customer=CHEN)], now=NOW)

    assert not ParkedRefund.objects.exists()
    assert Order.objects.get().refunded == 3_280
    assert MemberFacts.objects.get().spend == 1_980


def test_a_refund_that_waited_in_vain_stays_with_the_reason() -> None:
    orders.record_refunds([make.refund_in("R-1", orders.RefundLineIn("9", 1))], now=NOW)

    orders.record([make.order_in()], now=NOW)

    assert ParkedRefund.objects.get().why.startswith("lines.0.line_external_id")


def test_a_refunded_line_cannot_be_taken_out_of_the_order() -> None:
    row = make.order_in()
    orders.record([row], now=NOW)
    orders.record_refunds([make.refund_in()], now=NOW)

    (answer,) = orders.record([replace(row, lines=row.lines[1:])], now=NOW)

    assert (answer.status, answer.field) == ("rejected", "lines")
    assert Order.objects.get().net == 5_260


VERSION_1 = replace(
    make.order_in(customer=CHEN, placed_at=NOW, paid_at=None),
    lines=(
        orders.LineIn("1", "coat-01-M", "羊毛大衣", 1, 3_280),
        orders.LineIn("9", "bag-01", "托特包", 1, 1_680),
    ),
)
VERSION_2 = make.order_in(customer=CHEN, placed_at=NOW)
REFUND_A = make.refund_in("R-a", orders.RefundLineIn("1", 0, 280), ONE_KNIT)
REFUND_B = make.refund_in("R-b", orders.RefundLineIn("2", 1, 500))
HISTORY = (VERSION_1, VERSION_2, REFUND_A, REFUND_B)


def tell(event: orders.OrderIn | orders.RefundIn) -> None:
    """Bring one event in."""
    if isinstance(event, orders.OrderIn):
        orders.record([event], now=NOW)
    else:
        orders.record_refunds([event], now=NOW)


def state() -> dict[str, Any]:
    """Return all that counts of what is recorded."""
    columns = ("external_id", "quantity", "net")
    return {
        "order": list(Order.objects.values_list("net", "refunded", "paid_at")),
        "lines": sorted(OrderLine.objects.filter(quantity__gt=0).values_list(*columns)),
        "refunds": sorted(
            RefundLine.objects.values_list(
                "refund__external_id", "line__external_id", "quantity", "amount"
            )
        ),
        "facts": list(MemberFacts.objects.values_list("orders", "spend", "spend_12m")),
        "parked": ParkedRefund.objects.count(),
    }


def start_over() -> None:
    """Forget every order, as before the first event."""
    for model in (ParkedRefund, RefundLine, Refund, OrderLine, Order, MemberFacts):
        model.objects.all().delete()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.permutations(HISTORY), st.lists(st.sampled_from(HISTORY), max_size=4))
def test_any_order_of_events_and_any_repetition_ends_the_same(
    shuffled: list[Any], again: list[Any]
) -> None:
    start_over()
    for event in HISTORY:
        tell(event)
    expected = state()
    assert expected["order"] == [(5_260, 280 + 990 + 500, VERSION_2.paid_at)]

    start_over()
    for event in [*again, *shuffled, *again]:
        tell(event)

    assert state() == expected
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            cursor.execute(query)
            assert not cursor.fetchall(), name
