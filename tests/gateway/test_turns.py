"""A customer's events are routed one at a time, in order, and done once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from apps.conversations.models import Message
from apps.core import clock
from apps.gateway import events, querysets, routing, tasks
from apps.gateway.models import InboundEvent
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db(transaction=True)

USERS = [f"U{n:032x}" for n in range(1, 7)]


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LONGEST_WAIT", 0.0)


def take_in(*made: Any) -> None:
    """Store events as the webhook does."""
    now = clock.now()
    received = events.read(webhooks.body(*made), now=now)
    InboundEvent.objects.take_in(make.account().pk, received, now=now)


def burst(number: int = 12) -> None:
    """Store several texts of each customer, the customers' lines mixed."""
    start = 1_760_000_000_000
    take_in(
        *(
            webhooks.text(str(place), user=user, timestamp=start + place)
            for place in range(number)
            for user in USERS
        )
    )


def in_threads(number: int, work: Callable[[], None]) -> None:
    """Do the work in several threads at once, each with its own connection."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        for done in [pool.submit(run) for _worker in range(number)]:
            done.result()


class Witness:
    """Notes each routed event, and whether two of a customer overlapped."""

    def __init__(self) -> None:
        self.routed: list[tuple[str, str]] = []
        self.overlaps = 0
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def route(self, arrival: routing.Arrival, *, now: Any) -> routing.Routed:
        user = arrival.user_id
        with self._lock:
            self.overlaps += user in self._busy
            self._busy.add(user)
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.004)")
        routed = routing.route(arrival, now=now)
        with self._lock:
            self.routed.append((user, arrival.event["message"]["text"]))
            self._busy.discard(user)
        return routed

    def is_in_order(self) -> bool:
        """Tell whether each customer's lines came in the order they were written."""
        lines = {u: [int(w) for x, w in self.routed if x == u] for u in USERS}
        return all(each == sorted(each) for each in lines.values())


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Witness:
    seen = Witness()
    monkeypatch.setattr(tasks, "route", seen.route)
    return seen


def test_workers_at_once_keep_each_customers_order(witness: Witness) -> None:
    burst()
    in_threads(3, tasks.route_pending)
    assert len(witness.routed) == len(set(witness.routed)) == 12 * len(USERS)
    assert witness.overlaps == 0
    assert witness.is_in_order()
    assert Message.objects.filter(direction="in").count() == 12 * len(USERS)


def test_without_turns_the_order_is_lost(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: events claimed as they come, with SKIP LOCKED and nothing else."""
    take_any = """
        update gateway_inboundevent set attempts = attempts + 1, not_before = %(until)s
        where id in (
            select id from gateway_inboundevent
            where state = 'new' and not_before <= %(now)s
            order by id limit 5 for update skip locked)
        returning id
    """
    monkeypatch.setattr(
        querysets, "DUE_TURNS", "select 1, '' where %(is_retry)s = false"
    )
    monkeypatch.setattr(querysets, "CLAIM", take_any)
    burst()
    in_threads(3, tasks.route_pending)
    assert witness.overlaps or not witness.is_in_order()


def test_what_failed_keeps_the_later_ones_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    left = {"1": 2}

    def route(arrival: routing.Arrival, *, now: Any) -> routing.Routed:
        words = arrival.event["message"]["text"]
        if left.get(words, 0):
            left[words] -= 1
            raise ValueError("\x00 not today")
        done.append(words)
        return routing.DONE

    monkeypatch.setattr(tasks, "route", route)
    take_in(*(webhooks.text(str(n), user=USERS[0]) for n in range(3)))
    for _sweep in range(3):
        tasks.route_pending()
    assert done == ["0", "1", "2"]
    rows = InboundEvent.objects.order_by("occurred_at")
    assert [row.attempts for row in rows] == [1, 3, 1]


def test_what_always_fails_ends_dead_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def route(arrival: routing.Arrival, *, now: Any) -> routing.Routed:
        if arrival.event["message"]["text"] == "poison":
            raise ValueError("no cure")
        return routing.DONE

    monkeypatch.setattr(tasks, "route", route)
    take_in(webhooks.text("poison", user=USERS[0]), webhooks.text("x", user=USERS[0]))
    for _sweep in range(8):
        tasks.route_pending()
    first, second = InboundEvent.objects.order_by("occurred_at")
    assert (first.state, first.error) == ("dead", "ValueError: no cure")
    assert first.attempts == tasks.MOST_ATTEMPTS
    assert second.state == "done"


def test_what_a_dead_worker_held_is_done_by_another_and_buried_in_the_end() -> None:
    take_in(webhooks.text("a", user=USERS[0]), webhooks.text("b", user=USERS[1]))
    held = tasks._claim(is_retry=False)
    assert [row.attempts for row in held] == [1, 1]
    tasks.route_pending()
    assert InboundEvent.objects.filter(state="new").count() == 2  # the lease holds
    past = clock.now() - timedelta(seconds=1)
    InboundEvent.objects.update(not_before=past)
    InboundEvent.objects.filter(user_id=USERS[1]).update(attempts=tasks.MOST_ATTEMPTS)
    tasks.route_pending()
    states = dict(InboundEvent.objects.values_list("user_id", "state"))
    assert states == {USERS[0]: "done", USERS[1]: "dead"}
    tasks.route_claimed(held)  # the first worker wakes up: nothing is done again
    assert Message.objects.filter(direction="in").count() == 1
