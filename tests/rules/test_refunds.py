"""How much of which line a refund gives back, and when it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.orders.rules.refunds import Bought, Part, RefundIn, RefundLineIn, decide

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BOUGHT = Bought(
    is_paid=True,
    lines={"1": Part(1, 3_280), "2": Part(3, 1_000), "gift": Part(1, 0)},
)


def refund(*lines: RefundLineIn, number: str = "R-1") -> RefundIn:
    """Return a refund of these lines."""
    return RefundIn("shop", "A-1", number, NOW, lines)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (RefundLineIn("1", 1), Part(1, 3_280)),
        (RefundLineIn("2", 1), Part(1, 333)),
        (RefundLineIn("2", 2), Part(2, 667)),
        (RefundLineIn("2", 1, 200), Part(1, 200)),
        (RefundLineIn("1", 0, 500), Part(0, 500)),
    ],
)
def test_a_part_is_worth_what_was_paid_or_what_is_said(
    line: RefundLineIn, part: Part
) -> None:
    ruling = decide(refund(line), BOUGHT)

    assert (ruling.status, ruling.parts) == ("new", {line.line_external_id: part})


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (RefundLineIn("9", 1), "lines.0.line_external_id"),
        (RefundLineIn("2", 4), "lines.0.quantity"),
        (RefundLineIn("1", 1, 3_281), "lines.0.amount"),
        (RefundLineIn("gift", 1), "lines"),
    ],
)
def test_what_may_not_be_given_back_is_named(line: RefundLineIn, field: str) -> None:
    ruling = decide(refund(line), BOUGHT)

    assert ruling.status == "rejected"
    assert ruling.problem
    assert ruling.problem.field == field


def test_a_gift_comes_back_with_what_was_paid_for() -> None:
    both = refund(RefundLineIn("1", 1), RefundLineIn("gift", 1))
    ruling = decide(both, BOUGHT)

    assert ruling.parts == {"1": Part(1, 3_280)}
    assert decide(both, BOUGHT.after(both, ruling.parts)).status == "unchanged"


def test_a_refund_waits_for_its_order_and_the_payment() -> None:
    one = refund(RefundLineIn("1", 1))

    assert decide(one, None).status == "parked"
    assert decide(one, replace(BOUGHT, is_paid=False)).status == "parked"


def test_a_repeated_refund_changes_nothing_and_another_one_is_refused() -> None:
    one = refund(RefundLineIn("2", 1))
    after = BOUGHT.after(one, decide(one, BOUGHT).parts)

    assert decide(one, after).status == "unchanged"
    assert decide(refund(RefundLineIn("2", 2)), after).status == "rejected"
    assert decide(refund(RefundLineIn("1", 1)), after).status == "rejected"


@given(st.integers(1, 12), st.integers(1, 10_000), st.data())
def test_all_pieces_back_one_after_the_other_give_all_the_money_back(
    pieces: int, paid: int, data: st.DataObject
) -> None:
    bought = Bought(is_paid=True, lines={"1": Part(pieces, paid)})
    number = 0
    while left := pieces - bought.returned.get("1", Part(0, 0)).quantity:
        number += 1
        taken = data.draw(st.integers(1, left))
        one = refund(RefundLineIn("1", taken), number=str(number))
        ruling = decide(one, bought)
        if ruling.status == "rejected":  # pieces worth less than half a dollar
            one = refund(RefundLineIn("1", left), number=str(number))
            ruling = decide(one, bought)
        bought = bought.after(one, ruling.parts)

    assert bought.returned["1"] == Part(pieces, paid)
