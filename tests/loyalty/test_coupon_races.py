"""Sixteen tills and one copy, sixteen hands and one cap: the locks hold, are needed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, connection

from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.loyalty.services.coupons import issuing, using
from tests import make
from tests.loyalty import coupons
from tests.loyalty.coupons import NOW

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
ROUNDS = 20  # a race may not come about at once, on a busy machine


def race(act: Callable[[int], str]) -> Counter[str]:
    """Let every thread act at the same moment; count what came of it."""
    start = threading.Barrier(THREADS)

    def one(place: int) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            start.wait(timeout=20)
            return act(place)
        except Refused as refusal:
            return refusal.code
        except Error as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(THREADS)))


def redeem_at(copy: CouponIssue) -> Callable[[int], str]:
    def act(place: int) -> str:
        return coupons.redeem(copy, f"T-{place}").state

    return act


def give(design: Coupon, members: list[int]) -> Callable[[int], str]:
    def act(place: int) -> str:
        member = members[place % len(members)]
        outcome = loyalty.issue(design, [member], source="hq", now=NOW)[0]
        return "issued" if isinstance(outcome, loyalty.Issued) else outcome.code

    return act


def held(design: Coupon) -> tuple[int, int]:
    """Return how many copies there are, and how many the coupon counted."""
    design.refresh_from_db()
    return design.issues.count(), design.issued


@pytest.fixture
def _one_use_a_copy_off(db: None) -> Iterator[None]:
    """Take the unique indexes away that let a copy have one live use."""
    names = ("one_live_use_a_copy", "one_use_a_copy_and_order")
    with connection.cursor() as cursor:
        kept = []
        for name in names:
            cursor.execute("select pg_get_indexdef(%s::regclass)", [name])
            kept.append(cursor.fetchone()[0])
            cursor.execute(f"drop index {name}")
    yield
    CouponUse.objects.filter(state="redeemed").update(state="voided", voided_at=NOW)
    with connection.cursor() as cursor:
        for definition in kept:
            cursor.execute(definition)


@pytest.fixture
def _no_issue_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        issuing, "hold_template", lambda coupon: Coupon.objects.get(pk=coupon.pk)
    )


@pytest.fixture
def _no_copy_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        using, "_hold", lambda key, skip=False: CouponIssue.objects.get(key=key)
    )


def test_of_sixteen_tills_with_one_copy_one_wins() -> None:
    copy = coupons.copy_of(coupons.coupon(), make.member())
    found = race(redeem_at(copy))
    assert found == {"redeemed": 1, "coupon_used": THREADS - 1}
    assert Coupon.objects.get().used == CouponUse.objects.count() == 1


@pytest.mark.usefixtures("_no_copy_lock", "_one_use_a_copy_off")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_lock_and_index_several_win() -> None:
    wins = 0
    for place in range(3):
        copy = coupons.copy_of(coupons.coupon(f"折 {place}"), make.member())
        wins += race(redeem_at(copy))["redeemed"]
    assert wins > 3


@pytest.mark.usefixtures("_no_copy_lock")
def test_without_the_lock_the_index_still_lets_one_win() -> None:
    copy = coupons.copy_of(coupons.coupon(), make.member())
    found = race(redeem_at(copy))
    assert found["redeemed"] == 1


def test_the_same_order_from_sixteen_threads_is_one_use() -> None:
    copy = coupons.copy_of(coupons.coupon(), make.member())
    found = race(lambda place: coupons.redeem(copy, "A-1").state)
    assert found == {"redeemed": THREADS}
    assert CouponUse.objects.count() == 1


def test_the_cap_of_a_member_holds() -> None:
    design, member = coupons.coupon(most_per_member=2), make.member()
    found = race(give(design, [member.pk]))
    assert found == {"issued": 2, "member_capped": THREADS - 2}
    assert held(design) == (2, 2)


@pytest.mark.usefixtures("_no_issue_lock")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_a_member_receives_more() -> None:
    def received(place: int) -> int:
        design, member = coupons.coupon(f"折 {place}"), make.member()
        race(give(design, [member.pk]))
        return design.issues.count()

    assert any(received(place) > 1 for place in range(ROUNDS))


def test_the_cap_of_all_holds() -> None:
    design = coupons.coupon(most_issued=5)
    members = [make.member().pk for _n in range(THREADS)]
    found = race(give(design, members))
    assert found == {"issued": 5, "none_left": THREADS - 5}
    assert held(design) == (5, 5)


@pytest.mark.usefixtures("_no_issue_lock")
@pytest.mark.breaks_invariants("the lock is off")
def test_without_the_lock_more_are_issued_than_there_are() -> None:
    members = [make.member().pk for _n in range(THREADS)]

    def issued(place: int) -> int:
        design = coupons.coupon(f"折 {place}", most_issued=5)
        race(give(design, members))
        return held(design)[0]

    assert any(issued(place) > 5 for place in range(ROUNDS))


def test_the_last_use_of_a_coupon_is_won_once() -> None:
    design = coupons.coupon(most_used=1)
    copies = [coupons.copy_of(design, make.member()) for _n in range(THREADS)]
    found = race(lambda place: coupons.redeem(copies[place], f"T-{place}").state)
    assert found == {"redeemed": 1, "coupon_capped": THREADS - 1}
    design.refresh_from_db()
    assert design.used == 1


def test_a_code_of_a_pack_is_handed_out_once() -> None:
    hq = make.staff("總部", role="marketing")
    design = coupons.coupon(codes=Coupon.Codes.PACK)
    loyalty.upload_codes(design, [f"PACK-{n:04}" for n in range(5)], by=hq, now=NOW)
    members = [make.member().pk for _n in range(THREADS)]
    found = race(give(design, members))
    assert found == {"issued": 5, "pack_empty": THREADS - 5}
    assert len(set(design.issues.values_list("code", flat=True))) == 5
