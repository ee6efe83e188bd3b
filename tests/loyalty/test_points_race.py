"""Sixteen tills burn the same points at once: once they are burned, by the guard."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, connection

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointAccount, PointEntry, PointLot
from apps.loyalty.services.ledger import writing
from apps.members.models import Member
from tests import make
from tests.loyalty.ledger import NOW, purchase, rule

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16

# The account is read, then written: whoever reads in between is lost.
UNGUARDED = """
    create or replace function move_points() returns trigger language plpgsql as $$
    declare
        held bigint;
    begin
        select balance into held from loyalty_pointaccount
            where member_id = new.member_id;
        perform pg_sleep(0.05);
        update loyalty_pointaccount set balance = greatest(0, held + new.points)
            where member_id = new.member_id;
        new.balance_after := greatest(0, held + new.points);
        return new;
    end $$
"""


@pytest.fixture
def chen(db: None) -> Member:
    """Return a member with a hundred points."""
    member = make.member()
    loyalty.grant([member.pk], 100, source_type="test", source_id="1", now=clock.now())
    return member


@pytest.fixture
def _guard_off(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Take the locks out of the book and of the trigger."""
    monkeypatch.setattr(writing, "LOCK", writing.LOCK.replace("for no key update", ""))
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_functiondef('move_points'::regproc)")
        guarded = cursor.fetchone()[0]
        cursor.execute(UNGUARDED)
    yield
    with connection.cursor() as cursor:
        cursor.execute(guarded)


def race(member: Member, points: int) -> Counter[str]:
    """Let every till burn at the same moment; count what came of it."""
    start = threading.Barrier(THREADS)

    def one(place: int) -> str:
        try:
            start.wait(timeout=20)
            loyalty.burn(
                member, points, source_type="till", source_id=f"{place}",
                now=clock.now(),
            )  # fmt: skip
        except Refused as refusal:
            return refusal.code
        except Error as error:
            return type(error).__name__
        else:
            return "burned"
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(THREADS)))


def burned() -> int:
    """Return how many points the ledger says were burned."""
    return -sum(PointEntry.objects.filter(kind="burn").values_list("points", flat=True))


def test_the_same_points_are_burned_once(chen: Member) -> None:
    assert race(chen, 100) == {"burned": 1, "points_short": THREADS - 1}
    assert PointAccount.objects.get().balance == 0


def test_tills_share_what_there_is(chen: Member) -> None:
    assert race(chen, 30) == {"burned": 3, "points_short": THREADS - 3}
    assert (PointAccount.objects.get().balance, burned()) == (10, 90)
    assert PointLot.objects.get().remaining == 10


@pytest.mark.usefixtures("_guard_off")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_guard_more_is_burned_than_there_was(chen: Member) -> None:
    race(chen, 100)
    assert burned() > 100


def test_the_trigger_alone_keeps_an_account_above_zero(
    chen: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LOCK", writing.LOCK.replace("for no key update", ""))
    outcomes = race(chen, 100)
    assert outcomes["burned"] == 1
    assert (PointAccount.objects.get().balance, burned()) == (0, 100)


def test_one_order_told_by_sixteen_earns_once(chen: Member) -> None:
    rule()
    bought = purchase(chen, 1_000)
    start = threading.Barrier(THREADS)

    def one(_place: int) -> None:
        try:
            start.wait(timeout=20)
            loyalty.follow_purchases([bought], now=NOW)
        except Error:
            return
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))
    assert PointAccount.objects.get().balance == 110
