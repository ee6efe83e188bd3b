"""The same order told of by many at once is one order, because of its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection

from apps.core import clock
from apps.members import services as members
from apps.members.models import MemberFacts
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, ParkedRefund
from apps.orders.services import checking, locks
from tests import make

TILLS = 16
NOW = clock.now()
Tell = Callable[[], list[orders.Recorded]]

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(tells: list[Tell]) -> list[str]:
    """Let each tell at the same moment; return what became of it, or its error."""
    ready = threading.Barrier(len(tells))

    def one(tell: Tell) -> str:
        ready.wait()
        try:
            return tell()[0].status
        except IntegrityError:
            return "IntegrityError"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tells)) as pool:
        return list(pool.map(one, tells))


@pytest.fixture
def tells() -> list[Tell]:
    customer = orders.CustomerIn("陳思妤", phone="0912345678")
    row = make.order_in(customer=customer)
    return [partial(orders.record, [row], now=NOW)] * TILLS


@pytest.fixture
def _unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody pass the lock together, as if there were none."""
    passing = threading.Barrier(TILLS)
    monkeypatch.setattr(locks, "hold", lambda _keys: passing.wait())


def test_sixteen_tell_of_one_order(tells: list[Tell]) -> None:
    answers = at_once(tells)

    assert sorted(answers) == ["new"] + ["unchanged"] * (TILLS - 1)
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2


@pytest.mark.usefixtures("_unlocked")
def test_without_the_lock_the_same_race_is_lost(tells: list[Tell]) -> None:
    answers = at_once(tells)

    assert "IntegrityError" in answers


def test_an_order_and_its_refunds_at_once_leave_nothing_waiting(
    tells: list[Tell],
) -> None:
    refund: Tell = partial(orders.record_refunds, [make.refund_in()], now=NOW)

    at_once([*tells[:4], *[refund] * 4])

    assert Order.objects.get().refunded == 3_280
    assert not ParkedRefund.objects.exists()


def day_of_shopping(number: int) -> Tell:
    """Return what tells of one more order of the same customer on the same day."""
    customer = orders.CustomerIn("陳思妤", phone="0912345678")
    at = NOW - timedelta(days=3)
    row = make.order_in(f"D-{number}", customer=customer, placed_at=at, paid_at=at)
    return partial(orders.record, [row], now=NOW)


def test_sixteen_orders_of_one_customer_add_up() -> None:
    day_of_shopping(0)()

    at_once([day_of_shopping(number) for number in range(1, TILLS + 1)])

    facts = MemberFacts.objects.get()
    assert (facts.orders, facts.shopping_days) == (TILLS + 1, 1)
    assert checking.compare([facts.pk], now=NOW) == []


def test_without_the_hold_on_the_member_a_day_is_counted_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    members.identify_batch([members.CustomerKeys(phone="0912345678")], now=NOW)
    passing = threading.Barrier(TILLS)
    monkeypatch.setattr(locks, "hold_members", lambda _members: passing.wait())

    at_once([day_of_shopping(number) for number in range(1, TILLS + 1)])

    assert MemberFacts.objects.get().shopping_days > 1
