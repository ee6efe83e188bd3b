"""Sixteen phones bind one member at once: the lock keeps it orderly, and is needed."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import Error, connection

from apps.core import clock
from apps.members import services as members
from apps.members.models import Binding, Member
from apps.members.services import bindings
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def race(member: Member, people: list[Staff], store: Store) -> Counter[str]:
    """Let every thread bind at the same moment; count what came of it."""
    start = threading.Barrier(THREADS)

    def one(place: int) -> str:
        try:
            start.wait(timeout=20)
            staff = people[place % len(people)]
            outcome = members.bind(
                member, staff, store, source="login", now=clock.now()
            )
        except Error as error:
            return type(error).__name__
        else:
            return outcome.kind
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(THREADS)))


def test_one_salesperson_is_bound_once() -> None:
    store = make.store()
    found = race(make.member(), [make.staff(at=store)], store)
    assert found == {"bound": 1, "already": THREADS - 1}
    assert Binding.objects.count() == 1


def test_of_many_salespeople_one_holds_and_the_past_has_no_gap() -> None:
    store = make.store()
    people = [make.staff(f"店員{n}", at=store) for n in range(4)]
    found = race(make.member(), people, store)
    assert set(found) <= {"bound", "replaced", "already"}
    assert found["bound"] == 1
    assert Binding.objects.current().count() == 1
    periods = list(
        Binding.objects.order_by("period__startswith").values_list("period", flat=True)
    )
    for earlier, later in pairwise(periods):
        assert earlier.upper == later.lower


def test_without_the_lock_the_losers_are_given_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bindings, "hold", lambda member_id: None)
    store = make.store()
    people = [make.staff(f"店員{n}", at=store) for n in range(4)]
    wrong = 0
    for _round in range(5):
        found = race(make.member(), people, store)
        wrong += sum(found[name] for name in found if name.endswith("Error"))
    assert wrong > 0
