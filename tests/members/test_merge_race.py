"""Merges at the same time, a merge while an order comes in: the locks are needed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import Error, connection, transaction

from apps.core import clock
from apps.core.errors import Refused
from apps.members import services as members
from apps.members.models import Member, Merge
from apps.members.services import identification, merging
from apps.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def race(pairs: list[tuple[Member, Member]]) -> Counter[str]:
    """Let every thread merge its pair at the same moment; count what came of it."""
    start = threading.Barrier(len(pairs))

    def one(pair: tuple[Member, Member]) -> str:
        try:
            start.wait(timeout=20)
            members.merge(*pair, by=None, now=clock.now())
        except Refused as refused:
            return refused.code
        except Error as error:
            return type(error).__name__
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pairs)) as pool:
        return Counter(pool.map(one, pairs))


def test_a_pair_is_merged_once_whichever_way_round() -> None:
    one, two = make.member("甲"), make.member("乙")
    found = race([(one, two), (two, one)] * (THREADS // 2))
    assert found == {"done": 1, "merged": THREADS - 1}
    assert Merge.objects.count() == 1
    assert Member.objects.people().count() == 1


@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_both_ways_go_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        merging,
        "_hold",
        lambda one, two: (
            Member.objects.get(pk=one.pk),
            Member.objects.get(pk=two.pk),
        ),
    )
    wrong = 0
    for _round in range(8):
        one, two = make.member("甲"), make.member("乙")
        found = race([(one, two), (two, one)])
        wrong += found != {"done": 1, "merged": 1}
    assert wrong > 0


def merge_while_an_order_comes_in() -> Order:
    """Merge the customer away between finding them and writing their order."""
    keeper, loser = make.member("甲"), make.member("乙")
    members.link_key(loser, "card", "C1", by=None, now=clock.now())
    found_them = threading.Event()

    def take_in() -> None:
        with transaction.atomic():
            keys = members.CustomerKeys(card="C1")
            (member_id,) = members.identify_batch([keys], now=clock.now())
            assert member_id is not None
            found_them.set()
            threading.Event().wait(0.5)
            make.order(Member.objects.get(pk=member_id), 1_000)

    def merge() -> None:
        found_them.wait(timeout=20)
        members.merge(keeper, loser, by=None, now=clock.now())

    _together(take_in, merge)
    return Order.objects.select_related("member").get()


def _together(*acts: Callable[[], None]) -> None:
    def one(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(one, acts))


def test_an_order_that_comes_in_during_a_merge_is_the_keepers() -> None:
    order = merge_while_an_order_comes_in()
    assert order.member is not None
    assert order.member.name == "甲"


@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_the_order_is_left_with_the_alias(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlocked(keys: Any, account: Any) -> dict[identification.Key, int]:
        with transaction.atomic():
            found = look_up(keys, account)
            transaction.set_rollback(True)  # which lets the lock go
        return found

    look_up = identification._look_up
    monkeypatch.setattr(identification, "_look_up", unlocked)
    order = merge_while_an_order_comes_in()
    assert order.member is not None
    assert order.member.merged_into is not None


def test_a_row_that_waited_for_the_merge_is_the_keepers() -> None:
    keeper, loser = make.member("甲"), make.member("乙")
    members.link_key(loser, "card", "C1", by=None, now=clock.now())
    merged, found = threading.Event(), []

    def merge() -> None:
        with transaction.atomic():
            members.merge(keeper, loser, by=None, now=clock.now())
            merged.set()
            threading.Event().wait(0.5)

    def take_in() -> None:
        merged.wait(timeout=20)
        keys = members.CustomerKeys(card="C1")
        found.extend(members.identify_batch([keys], now=clock.now()))

    _together(merge, take_in)
    assert found == [keeper.pk]
