"""What an order's lines are worth, and which version of an order counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import (
    LineIn,
    OrderIn,
    Priced,
    Version,
    follow,
    judge,
    price,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COAT = LineIn("1", "coat-M", "羊毛大衣", 1, 3_280)
KNIT = LineIn("2", "knit-S", "針織衫", 2, 990, discount=80)
ORDER = OrderIn("shop", "A-1", "web", NOW, (COAT, KNIT), discount=300)


def priced(order: OrderIn = ORDER) -> Priced:
    """Return the order with its sums."""
    each = price(order, now=NOW)
    assert isinstance(each, Priced)
    return each


def test_the_orders_discount_is_split_over_its_lines() -> None:
    order = priced()

    assert [line.net for line in order.lines] == [3_280 - 190, 1_900 - 110]
    assert [line.discount for line in order.lines] == [190, 80 + 110]
    assert (order.goods, order.discount, order.net) == (5_260, 380, 4_880)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9_999)), min_size=1),
    st.integers(0, 10_000),
)
def test_lines_sum_to_the_order_and_none_is_negative(
    lines: list[tuple[int, int]], share: int
) -> None:
    rows = tuple(
        LineIn(str(i), "", "", quantity, each)
        for i, (quantity, each) in enumerate(lines)
    )
    cost = sum(line.cost for line in rows)
    order = priced(replace(ORDER, lines=rows, discount=cost * share // 10_000))

    assert sum(line.net for line in order.lines) == order.net
    assert order.net == order.goods - order.discount == cost - order.order.discount
    assert all(line.net >= 0 for line in order.lines)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": ""}, "source"),
        ({"external_id": "x" * 61}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"reference": "\ud800"}, "reference"),
        ({"channel": "fax"}, "channel"),
        ({"channel": "store"}, "store_code"),
        ({"placed_at": NOW + 25 * HOUR}, "placed_at"),
        ({"placed_at": NOW.replace(tzinfo=None)}, "placed_at"),
        ({"shipping": -1}, "shipping"),
        ({"lines": ()}, "lines"),
        ({"lines": (COAT, COAT)}, "lines.1.external_id"),
        ({"lines": (replace(COAT, quantity=0),)}, "lines.0.quantity"),
        ({"lines": (replace(COAT, unit_price=-1),)}, "lines.0.unit_price"),
        ({"lines": (replace(COAT, discount=3_281),)}, "lines.0.discount"),
        ({"discount": 5_181}, "discount"),
        ({"discount": -1}, "discount"),
    ],
)
def test_what_is_not_sound_is_named(change: dict[str, object], field: str) -> None:
    problem = price(replace(ORDER, **change), now=NOW)  # type: ignore[arg-type]

    assert isinstance(problem, Problem)
    assert problem.field == field
    assert problem.why


def test_a_till_sells_against_payment() -> None:
    order = priced(replace(ORDER, channel="store", store_code="S01"))

    assert order.order.paid_at == ORDER.placed_at
    assert priced().order.paid_at is None


def test_the_zone_a_time_is_told_in_makes_no_other_order() -> None:
    taipei = NOW.astimezone(tz=None)

    assert priced().digest == priced(replace(ORDER, placed_at=taipei)).digest


PAID = replace(ORDER, paid_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("recorded", "comes", "status"),
    [
        (None, ORDER, "new"),
        (ORDER, ORDER, "unchanged"),
        (ORDER, PAID, "changed"),
        (PAID, ORDER, "unchanged"),
        (PAID, replace(PAID, shipping=60), "changed"),
        (replace(PAID, updated_at=NOW), replace(PAID, updated_at=NOW - HOUR),
         "unchanged"),
        (replace(PAID, updated_at=NOW), replace(ORDER, updated_at=NOW + HOUR),
         "changed"),
    ],
)  # fmt: skip
def test_an_older_version_changes_nothing(
    recorded: OrderIn | None, comes: OrderIn, status: str
) -> None:
    known = follow(None, priced(recorded)) if recorded else None

    assert judge(known, priced(comes)).status == status


@pytest.mark.parametrize(
    ("comes", "field"),
    [
        (replace(PAID, lines=(KNIT,), discount=0), "lines"),
        (replace(PAID, lines=(replace(COAT, unit_price=500), KNIT)), "lines"),
        (replace(ORDER, updated_at=NOW), "paid_at"),
    ],
)
def test_a_version_may_not_undo_a_refund(comes: OrderIn, field: str) -> None:
    recorded = Version(b"", NOW, NOW - HOUR, {"1": (1, 1_000)})

    verdict = judge(recorded, priced(comes))

    assert verdict.status == "rejected"
    assert verdict.problem
    assert verdict.problem.field == field
