"""What is kept of members is what their orders say, however they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.catalog.models import Category
from apps.core import clock
from apps.members.models import Member, MemberFacts
from apps.orders import services as orders
from apps.orders.models import (
    FactsCheck,
    FactsRebuild,
    MemberCategory,
    MemberStore,
    Order,
)
from apps.orders.services import checking
from tests import make

NOW = clock.now()
PEOPLE = [
    orders.CustomerIn(name, phone=f"091234567{number}")
    for number, name in enumerate(["陳思妤", "張", "林"])
]
pytestmark = pytest.mark.usefixtures("_invariants")


def bought(number: int, **fields: object) -> orders.OrderIn:
    """Return an order of the first customer, a day older than the one before."""
    at = NOW - timedelta(days=number)
    fields = {"customer": PEOPLE[0], "placed_at": at, "paid_at": at, **fields}
    return make.order_in(f"F-{number}", **fields)


def everybody() -> list[int]:
    """Return the ids of all members."""
    return list(Member.objects.values_list("pk", flat=True))


def test_orders_are_added_to_what_is_known() -> None:
    store = make.store()
    make.product()
    orders.record([bought(1), bought(100)], now=NOW)
    orders.record(
        [bought(40, channel="store", store_code=store.code, discount=260)], now=NOW
    )

    facts = MemberFacts.objects.get()
    assert (facts.orders, facts.orders_30d, facts.orders_90d) == (3, 1, 2)
    assert (facts.orders_web, facts.orders_store, facts.orders_app) == (2, 1, 0)
    assert (facts.spend_30d, facts.spend_90d) == (5_260, 10_260)
    assert (facts.goods, facts.discount) == (15_780, 260)
    assert facts.largest_order == 5_260
    assert facts.shopping_days == 3
    assert facts.second_order_at == NOW - timedelta(days=40)
    place = MemberStore.objects.get()
    assert (place.store, place.n, place.net) == (store, 1, 5_000)
    shelf = MemberCategory.objects.get()
    assert (shelf.category, shelf.n) == (Category.objects.get(), 3)
    assert checking.compare(everybody(), now=NOW) == []


def test_two_orders_of_a_day_are_one_shopping_day() -> None:
    morning = NOW.replace(hour=2)  # 10:00 in Taipei
    first = bought(1, placed_at=morning - timedelta(days=3))
    second = bought(2, placed_at=morning - timedelta(days=3, hours=-2))

    orders.record([first], now=NOW)
    orders.record([second], now=NOW)

    assert MemberFacts.objects.get().shopping_days == 1


def test_the_windows_move_on_by_whole_days() -> None:
    orders.record([bought(5), bought(60)], now=NOW)
    later = NOW + timedelta(days=26)

    assert orders.slide(now=NOW) == 0
    assert orders.slide(now=later) == 1

    facts = MemberFacts.objects.get()
    assert (facts.orders_30d, facts.orders_90d, facts.orders_12m) == (0, 2, 2)
    assert checking.compare(everybody(), now=later) == []


def test_a_stream_is_recorded_in_batches_and_again_changes_nothing() -> None:
    rows = [bought(number) for number in range(7)]
    told: list[int] = []

    first = orders.record_stream(
        iter(rows), now=NOW, report=lambda answers: told.append(len(answers)), size=3
    )
    again = orders.record_stream(iter(rows), now=NOW, report=lambda _answers: None)

    assert told == [3, 3, 1]
    assert (first, again) == ({"new": 7}, {"unchanged": 7})
    assert Order.objects.count() == 7


def test_a_difference_is_told_and_put_right() -> None:
    orders.record([bought(1)], now=NOW)
    call_command("check_facts")
    MemberFacts.objects.update(spend=1)

    with pytest.raises(CommandError, match="1 members"):
        call_command("check_facts")

    told = FactsCheck.objects.get(differing=1)
    assert (told.looked_at, told.members, told.settled_at) == (1, everybody(), None)
    with pytest.raises(CommandError, match="1 members"):
        call_command("check_facts", repair=True)
    call_command("check_facts")


def test_a_database_of_before_is_filled_and_settles_what_was_found() -> None:
    make.product()
    at = make.store()
    orders.record(
        [
            bought(number, customer=customer, channel="store", store_code=at.code)
            for number, customer in enumerate(PEOPLE)
        ],
        now=NOW,
    )
    kept = snapshot()
    MemberFacts.objects.update(orders=9, spend=9)
    MemberStore.objects.all().delete()
    MemberCategory.objects.update(n=7)
    orders.check_facts(sample=10, now=NOW)

    call_command("rebuild_facts", portion=2)

    assert snapshot() == kept
    assert checking.compare(everybody(), now=NOW) == []
    run, check = FactsRebuild.objects.get(), FactsCheck.objects.get()
    assert (run.changed, run.reached) == (3, max(everybody()))
    assert (check.differing, check.settled_at) == (3, run.finished_at)


def test_a_rebuild_that_was_killed_goes_on_where_it_stopped() -> None:
    orders.record(
        [bought(number, customer=each) for number, each in enumerate(PEOPLE)], now=NOW
    )
    MemberFacts.objects.update(spend=1)

    def die(_run: FactsRebuild) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        orders.rebuild(clock=clock.now, report=die, portion=1)
    told: list[int] = []
    orders.rebuild(
        clock=clock.now, report=lambda run: told.append(run.reached), portion=1
    )

    assert told == sorted(everybody())[1:]
    assert FactsRebuild.objects.get().changed == 3


def snapshot() -> list[object]:
    """Return everything that is kept of members."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (MemberFacts, MemberStore, MemberCategory)
    ]


LINES = (
    orders.LineIn("1", "coat-01-M", "羊毛大衣", 1, 3_280),
    orders.LineIn("2", "knit-01-S", "針織衫", 2, 990),
)
ROWS = st.builds(
    lambda number, person, day, is_paid, in_store, lines: (
        number, person, day, is_paid or in_store, in_store, lines
    ),
    st.integers(1, 6),
    st.integers(0, 2),
    st.integers(0, 400),
    st.booleans(),
    st.booleans(),
    st.integers(1, 2),
)  # fmt: skip


class TestHistories(TestCase):
    """Batches in any order, with changes, other customers and refunds."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.lists(ROWS, max_size=4), max_size=4), st.integers(1, 6))
    def test_adding_comes_to_what_computing_does(
        self,
        history: list[list[tuple[int, int, int, bool, bool, int]]],
        refunded: int,
    ) -> None:
        """Compare what was added step by step with a computation of it all."""
        store = make.store()
        make.product(f"coat-{make.number()}")
        version = 0
        for batch in history:
            told = []
            for number, person, day, is_paid, in_store, lines in batch:
                version += 1
                row = bought(
                    day,
                    customer=PEOPLE[person],
                    channel="store" if in_store else "web",
                    store_code=store.code if in_store else "",
                    lines=LINES[:lines],
                    updated_at=NOW - timedelta(days=1) + timedelta(seconds=version),
                )
                paid_at = row.placed_at if is_paid else None
                told.append(replace(row, external_id=f"H-{number}", paid_at=paid_at))
            orders.record(told, now=NOW)
            orders.record_refunds([make.refund_in(order=f"H-{refunded}")], now=NOW)

        assert checking.compare(everybody(), now=NOW) == []
