"""Closing a month against entries on their way: none is lost from the sum."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Sum

from apps.attribution import services as attribution
from apps.attribution.models import Credit
from apps.commissions import services as commissions
from apps.commissions.models import ClosedMonth, CommissionEntry, Plan
from apps.core import clock
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 12, 5, tzinfo=clock.TAIPEI)
NOVEMBER = date(2026, 11, 1)
WRITERS = 16
FEW, ALL = 20, 200  # tries, each in a month of its own

UNGUARDED = """
    create or replace function month_is_open() returns trigger language plpgsql as $$
    begin
        if exists (select 1 from commissions_closedmonth where month = new.month) then
            raise exception 'month % is closed', new.month using errcode = '23514';
        end if;
        return new;
    end $$
"""


@pytest.fixture
def finance(db: None) -> Staff:
    return make.staff("財務", role=Staff.Role.FINANCE)


@pytest.fixture
def sold(db: None) -> list[Credit]:
    """Credits of November that nobody has accrued."""
    make.plan()
    store = make.store()
    lin, buyer = make.staff(at=store), make.member()
    make.bound(buyer, lin, store, since=NOW - timedelta(days=90))
    amounts = [1_000] * WRITERS
    order = make.order(buyer, *amounts, placed_at=NOW - timedelta(days=10))
    attribution.credit([order.pk], now=NOW)
    Credit.objects.update(accrual_due_at=None)
    return list(Credit.objects.all())


@pytest.fixture
def _guard_off(db: None) -> Iterator[None]:
    """Leave the check and take the lock out of the guard."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_functiondef('month_is_open'::regproc)")
        guarded = cursor.fetchone()[0]
        cursor.execute(UNGUARDED)
    yield
    with connection.cursor() as cursor:
        cursor.execute(guarded)


def race(sold: list[Credit], finance: Staff) -> tuple[int, int]:
    """Close the month while 16 entries are written; return its sum and the ledger's."""
    plan = Plan.objects.get()
    written, may_commit = threading.Barrier(WRITERS + 1), threading.Event()

    def write(credit: Credit) -> None:
        try:
            with transaction.atomic():
                CommissionEntry.objects.create(
                    staff_id=credit.staff_id or 0, credit=credit, plan=plan,
                    kind="accrual", month=NOVEMBER, base=1_000, rate=300, amount=30,
                    cause=f"credit:{credit.pk}", created_at=NOW,
                )  # fmt: skip
                written.wait(10)
                may_commit.wait(10)
        finally:
            connections.close_all()

    def close() -> None:
        try:
            commissions.close_month(NOVEMBER, by=finance, now=NOW)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[credit]) for credit in sold]
    for thread in threads:
        thread.start()
    written.wait(10)
    closing = threading.Thread(target=close)
    closing.start()
    closing.join(0.7)  # with the guard it waits for the writers, without it is done
    may_commit.set()
    for thread in [*threads, closing]:
        thread.join(20)
    ledger = CommissionEntry.objects.filter(month=NOVEMBER).aggregate(sum=Sum("amount"))
    return ClosedMonth.objects.get().total, ledger["sum"] or 0


def test_no_entry_slips_in_between_the_sum_and_the_closing(
    sold: list[Credit], finance: Staff
) -> None:
    assert race(sold, finance) == (WRITERS * 30, WRITERS * 30)


@pytest.mark.usefixtures("_guard_off")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_they_do(sold: list[Credit], finance: Staff) -> None:
    assert race(sold, finance) == (0, WRITERS * 30)


def tries(sold: list[Credit], finance: Staff, number: int) -> int:
    """Close a month while 16 writers add entries, so many times.

    Return in how many months the sum that was closed is not the ledger's.
    """
    months = [date(2000 + n // 12, n % 12 + 1, 1) for n in range(number)]
    gate, plan = threading.Barrier(WRITERS + 1), Plan.objects.get()

    def write(place: int, credit: Credit) -> None:
        mixer = random.Random(place)
        try:
            for month in months:
                gate.wait(30)
                with suppress(IntegrityError), transaction.atomic():
                    time.sleep(mixer.random() / 20)
                    CommissionEntry.objects.create(
                        staff_id=credit.staff_id or 0, credit=credit, plan=plan,
                        kind="accrual", month=month, base=1_000, rate=300, amount=30,
                        cause=f"{month}", created_at=NOW,
                    )  # fmt: skip
                    time.sleep(mixer.random() / 100)
        finally:
            connections.close_all()

    def close() -> None:
        mixer = random.Random(WRITERS)
        try:
            for month in months:
                gate.wait(30)
                time.sleep(mixer.random() / 50)
                commissions.close_month(month, by=finance, now=NOW)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=write, args=[place, credit])
        for place, credit in enumerate(sold)
    ]
    threads.append(threading.Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    closed = dict(ClosedMonth.objects.values_list("month", "total"))
    assert len(closed) == number
    sums = dict(
        CommissionEntry.objects.values_list("month").annotate(sum=Sum("amount"))
    )
    assert min(sums.values()) < WRITERS * 30  # some writers came too late
    return sum(total != sums.get(month, 0) for month, total in closed.items())


def test_whatever_the_moment_nothing_is_missing(
    sold: list[Credit], finance: Staff
) -> None:
    assert tries(sold, finance, FEW) == 0


@pytest.mark.usefixtures("_guard_off")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_much_is_missing(sold: list[Credit], finance: Staff) -> None:
    assert tries(sold, finance, FEW) > 0


@pytest.mark.slow
def test_two_hundred_tries_lose_nothing(sold: list[Credit], finance: Staff) -> None:
    assert tries(sold, finance, ALL) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("_guard_off")
def test_two_hundred_tries_without_the_lock(sold: list[Credit], finance: Staff) -> None:
    assert tries(sold, finance, ALL) > 0
