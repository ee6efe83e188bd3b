"""The same order told of by many at once is one order, because of its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection

from apps.core import clock
from apps.orders import services as orders
from apps.orders.models import Order, OrderLine, ParkedRefund
from apps.orders.services import locks
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
