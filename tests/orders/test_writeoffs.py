"""A scan is written off once, whoever else used the code and however often it comes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty.models import CouponIssue, CouponUse
from apps.orders import services as orders
from apps.orders.models import Pickup, WriteOff
from apps.orders.rules import writeoffs as rules
from apps.orders.services import writeoffs
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.usefixtures("_invariants")
NOW = clock.now()
TABLET = uuid4()
TABLETS = 8


@pytest.fixture
def store(db: None) -> Store:
    return make.store()


@pytest.fixture
def clerk(store: Store) -> Staff:
    return make.staff(at=store)


def held(**fields: Any) -> CouponIssue:
    """Give somebody a coupon that ran out an hour ago."""
    dates = {"valid_from": NOW - timedelta(9), "valid_until": NOW - timedelta(hours=1)}
    design = coupons.coupon(**{**dates, **fields})
    return coupons.copy_of(design, make.member(), now=NOW - timedelta(days=2))


@pytest.fixture
def copy(store: Store) -> CouponIssue:
    return held()


def scan(
    code: str,
    at: datetime = NOW - timedelta(hours=2),
    number: UUID | None = None,
    amount: int = 0,
) -> orders.Scan:
    return orders.Scan(number or uuid4(), TABLET, code, at, amount)


def written(one: orders.Scan, by: Staff, store: Store) -> WriteOff:
    (row,) = orders.write_off([one], by=by, store=store, now=NOW)
    return row


def test_it_counts_as_of_the_moment_of_the_scan(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    one = scan(copy.code.lower())

    row = written(one, clerk, store)

    assert (row.state, row.scanned_at, row.received_at) == (
        "accepted", one.scanned_at, NOW,
    )  # fmt: skip
    use = CouponUse.objects.get()
    assert (row.use, use.redeemed_at) == (use, one.scanned_at)
    assert (use.staff, use.store, use.order_external_id) == (
        clerk, store, str(one.client_id),
    )  # fmt: skip


def test_sent_again_it_gets_the_same_answer(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    one = scan(copy.code)

    first, again = written(one, clerk, store), written(one, clerk, store)

    assert first == again
    assert CouponUse.objects.count() == WriteOff.objects.count() == 1


def test_what_another_tablet_used_first_is_refused_and_says_why(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    written(scan(copy.code), clerk, store)

    late = written(scan(copy.code), make.staff(at=store), store)

    assert (late.state, late.refusal, late.use) == ("refused", "coupon_used", None)
    assert "已經使用過" in late.why


def test_nobody_sends_another_persons_scan(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    one = scan(copy.code)
    written(one, clerk, store)
    with pytest.raises(Refused) as refused:
        written(one, make.staff(at=store), store)
    assert refused.value.code == "not_your_scan"


@pytest.mark.parametrize(
    ("age", "refusal"),
    [(timedelta(hours=73), "too_late"), (timedelta(minutes=1), "coupon_expired")],
)
def test_a_scan_out_of_time_is_refused(
    copy: CouponIssue, clerk: Staff, store: Store, age: timedelta, refusal: str
) -> None:
    row = written(scan(copy.code, NOW - age), clerk, store)
    assert (row.state, row.refusal) == ("refused", refusal)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [(0, "amount_needed"), (999, "coupon_below_minimum"), (1_000, "")],
)
def test_a_coupon_with_a_minimum_wants_the_amount(
    clerk: Staff, store: Store, amount: int, refusal: str
) -> None:
    copy = held(minimum=1_000)
    row = written(scan(copy.code, amount=amount), clerk, store)
    assert row.refusal == refusal


def test_a_code_of_nothing_is_refused(clerk: Staff, store: Store) -> None:
    assert written(scan("NOBODY-KNOWS"), clerk, store).refusal == "coupon_not_found"


def test_a_tablets_clock_that_is_ahead_is_not_believed(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    row = written(scan(copy.code, NOW + timedelta(days=9)), clerk, store)
    assert row.scanned_at == NOW


def test_a_pickup_is_handed_over_whole_at_its_store(clerk: Staff, store: Store) -> None:
    orders.record([make.order_in(pickup_store_code=store.code)], now=NOW)
    pickup = Pickup.objects.get()
    away = make.staff(at=make.store("台中"))
    early = written(scan(pickup.code), clerk, store)
    orders.make_ready(pickup, by=clerk, now=NOW)

    elsewhere = written(scan(pickup.code), away, store)
    done = written(scan(pickup.code), clerk, store)

    assert (early.refusal, elsewhere.refusal) == ("pickup_state", "other_store")
    assert (done.state, done.pickup) == ("accepted", pickup)
    pickup.refresh_from_db()
    assert (pickup.state, pickup.handed_by) == ("collected", clerk)


def test_a_refused_one_is_settled_with_words(
    clerk: Staff, store: Store, copy: CouponIssue
) -> None:
    row = written(scan("NOBODY-KNOWS"), clerk, store)
    with pytest.raises(Refused):
        orders.settle(row, outcome=" ", by=clerk, now=NOW)

    done = orders.settle(row, outcome="請顧客補差額", by=clerk, now=NOW)

    assert (done.settled_by, done.outcome) == (clerk, "請顧客補差額")
    assert not WriteOff.objects.to_follow_up().exists()
    with pytest.raises(Refused):
        orders.settle(written(scan(copy.code), clerk, store), outcome="x", by=clerk,
                      now=NOW)  # fmt: skip


def test_who_sees_which_scans(clerk: Staff, store: Store, copy: CouponIssue) -> None:
    row = written(scan(copy.code), clerk, store)
    manager = make.staff(at=store, role=Staff.Role.MANAGER)
    away = make.staff(at=make.store("台中"), role=Staff.Role.MANAGER)
    hq = make.staff(role=Staff.Role.SERVICE)

    def seen(who: Staff) -> list[WriteOff]:
        return list(WriteOff.objects.visible_to(who))

    assert [seen(who) for who in (clerk, manager, hq)] == [[row]] * 3
    assert seen(make.staff(at=store)) == seen(away) == []


def test_an_answer_stands(clerk: Staff, store: Store, copy: CouponIssue) -> None:
    written(scan(copy.code), clerk, store)
    with pytest.raises(DatabaseError), transaction.atomic():
        WriteOff.objects.update(state="refused", refusal="x", use=None)


@pytest.mark.parametrize(("hours", "late"), [(0, False), (72, False), (73, True)])
def test_how_long_a_scan_may_wait(hours: int, late: bool) -> None:  # noqa: FBT001
    assert rules.late(NOW - timedelta(hours=hours), now=NOW) is late


def race(one: orders.Scan, clerk: Staff, store: Store) -> list[str]:
    """Send the same scan from everywhere at the same moment."""
    ready = threading.Barrier(TABLETS)

    def send(_place: int) -> str:
        ready.wait()
        try:
            return written(one, clerk, store).state
        except DatabaseError:
            return "error"
        finally:
            connection.close()

    with ThreadPoolExecutor(TABLETS) as pool:
        return list(pool.map(send, range(TABLETS)))


@pytest.mark.django_db(transaction=True)
def test_one_scan_sent_at_once_is_one(
    copy: CouponIssue, clerk: Staff, store: Store
) -> None:
    assert race(scan(copy.code), clerk, store) == ["accepted"] * TABLETS
    assert WriteOff.objects.count() == CouponUse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_number_as_a_guard_it_is_many(
    copy: CouponIssue, clerk: Staff, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(one: orders.Scan, *, by: Staff, store: Store, now: datetime) -> Any:
        row = WriteOff.objects.create(
            client_id=uuid4(), device_id=one.device_id, code=one.code, staff=by,
            store=store, scanned_at=one.scanned_at, received_at=now,
        )  # fmt: skip
        return row, True

    monkeypatch.setattr(writeoffs, "_note", note)

    came = race(scan(copy.code), clerk, store)

    assert sorted(came) == ["accepted"] + ["refused"] * (TABLETS - 1)
    assert WriteOff.objects.count() == TABLETS
