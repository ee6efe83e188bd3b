"""A copy is held, used once, given back; the database holds it whoever writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.invariants.coupons import COUPONS
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.staff.models import Staff
from tests import make
from tests.loyalty import coupons
from tests.loyalty.coupons import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy() -> CouponIssue:
    return coupons.copy_of(coupons.coupon(), make.member())


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return refusal.value.code


def test_a_copy_is_redeemed_once_and_a_retry_gets_the_same_answer(
    copy: CouponIssue,
) -> None:
    use = coupons.redeem(copy)
    assert (use.state, use.discount, use.basket_total) == ("redeemed", 200, 1_000)
    assert coupons.redeem(copy).pk == use.pk
    with pytest.raises(Refused) as refusal:
        coupons.redeem(copy, "A-2")
    assert code_of(refusal) == "coupon_used"
    assert str(refusal.value) == "這張優惠券已經使用過"
    copy.refresh_from_db()
    assert copy.state == "redeemed"
    assert Coupon.objects.get().used == 1


def test_the_code_is_read_as_people_write_it(copy: CouponIssue) -> None:
    assert loyalty.find_coupon(f" {copy.shown_code.lower()} ") == copy
    verdict = loyalty.check("NO-SUCH-CODE", basket=coupons.basket(), now=NOW)
    assert (verdict.refusal, verdict.issue) == ("not_found", None)


def test_a_check_writes_nothing_and_says_why_not(copy: CouponIssue) -> None:
    Coupon.objects.update(minimum=1_500)
    verdict = loyalty.check(copy.code, basket=coupons.basket(1_240), now=NOW)
    assert verdict.refusal == "below_minimum"
    assert verdict.message == "還差 NT$260 才達最低消費 NT$1,500"
    assert not CouponUse.objects.exists()


def test_a_reservation_keeps_others_out_until_it_ends(copy: CouponIssue) -> None:
    until = NOW + timedelta(minutes=30)
    held = loyalty.reserve(
        copy.code, basket=coupons.basket(), order_source="till", order_external_id="9",
        until=until, now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        coupons.redeem(copy, now=until - timedelta(microseconds=1))
    assert code_of(refusal) == "coupon_reserved"
    assert "保留到 2026/11/20 12:30" in str(refusal.value)
    used = coupons.redeem(copy, now=until)
    held.refresh_from_db()
    assert (held.state, held.void_reason) == ("voided", "expired")
    assert (used.state, Coupon.objects.get().used) == ("redeemed", 1)


def test_the_order_that_holds_it_redeems_it_after_the_last_day(
    copy: CouponIssue,
) -> None:
    place: dict[str, Any] = {"order_source": "till", "order_external_id": "9"}
    late = NOW + timedelta(days=25)
    held = loyalty.reserve(
        copy.code, basket=coupons.basket(), until=late, now=NOW, **place
    )
    again = loyalty.reserve(
        copy.code, basket=coupons.basket(), until=late, now=NOW, **place
    )
    assert again.pk == held.pk
    used = loyalty.redeem(copy.code, basket=coupons.basket(), now=late, **place)
    assert (used.pk, used.state) == (held.pk, "redeemed")


def test_what_was_held_too_long_is_released(copy: CouponIssue) -> None:
    loyalty.reserve(
        copy.code, basket=coupons.basket(), order_source="till", order_external_id="9",
        until=NOW + timedelta(minutes=30), now=NOW,
    )  # fmt: skip
    assert loyalty.release_reservations(now=NOW) == 0
    assert loyalty.release_reservations(now=NOW + timedelta(minutes=30)) == 1
    copy.refresh_from_db()
    assert (copy.state, Coupon.objects.get().used) == ("issued", 0)


def test_a_redemption_is_voided_once_and_the_copy_is_good_again(
    copy: CouponIssue, hq: Staff
) -> None:
    use = coupons.redeem(copy)
    with pytest.raises(Refused) as refusal:
        loyalty.void(use, reason=" ", by=hq, now=NOW)
    assert code_of(refusal) == "coupon_void_reason"
    loyalty.void(use, reason="刷錯單", by=hq, now=NOW)
    with pytest.raises(Refused) as refusal:
        loyalty.void(use, reason="再一次", by=hq, now=NOW)
    assert code_of(refusal) == "coupon_void_twice"
    assert Coupon.objects.get().used == 0
    again = coupons.redeem(copy)
    assert again.pk != use.pk


@pytest.fixture
def hq() -> Staff:
    return make.staff("總部", role=Staff.Role.MARKETING)


def test_the_last_use_of_a_coupon_is_the_last(hq: Staff) -> None:
    design = coupons.coupon(most_used=1)
    first, second = (coupons.copy_of(design, make.member()) for _n in range(2))
    coupons.redeem(first)
    with pytest.raises(Refused) as refusal:
        coupons.redeem(second, "A-2")
    assert code_of(refusal) == "coupon_capped"


def test_the_days_count_from_the_first_opening_or_the_till(hq: Staff) -> None:
    design = coupons.coupon(
        validity="open", valid_days=3, valid_from=None, valid_until=None
    )
    opened = coupons.copy_of(design, make.member())
    assert opened.valid_until is None
    opened = loyalty.open_coupon(opened, now=NOW)
    again = loyalty.open_coupon(opened, now=NOW + timedelta(days=1))
    assert (
        again.valid_until == opened.valid_until == NOW.replace(day=24, hour=0, minute=0)
    )
    unopened = coupons.copy_of(design, make.member())
    coupons.redeem(unopened, now=NOW + timedelta(days=90))


@pytest.mark.parametrize(
    "write",
    [
        "update loyalty_couponuse set state = 'reserved', redeemed_at = null",
        "update loyalty_couponuse set discount = 900",
        "update loyalty_couponuse set order_external_id = 'B-1'",
        "delete from loyalty_couponuse",
        "delete from loyalty_couponissue",
        "update loyalty_couponissue set state = 'voided', voided_at = now()",
        "update loyalty_couponissue set key = 'OTHER'",
        "update loyalty_coupon set state = 'draft'",
        "update loyalty_coupon set most_issued = 0",
        "update loyalty_coupon set most_used = 0",
        """insert into loyalty_couponuse (issue_id, state, trigger, order_source,
            order_external_id, channel, basket_total, discount, at, redeemed_at,
            void_reason)
        select issue_id, state, trigger, 'till', '77', channel, basket_total, discount,
            at, redeemed_at, '' from loyalty_couponuse""",
    ],
)
def test_the_database_refuses(copy: CouponIssue, write: str) -> None:
    coupons.redeem(copy)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(write)


def test_a_void_use_stays_void(copy: CouponIssue, hq: Staff) -> None:
    use = coupons.redeem(copy)
    loyalty.void(use, reason="刷錯單", by=hq, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CouponUse.objects.update(state="redeemed")


def test_a_copy_that_was_taken_back_cannot_be_used(
    copy: CouponIssue, hq: Staff
) -> None:
    loyalty.withdraw_coupon(copy, reason="發錯人", by=hq, now=NOW)
    with pytest.raises(Refused) as refusal:
        coupons.redeem(copy)
    assert code_of(refusal) == "coupon_voided"
    with pytest.raises(Refused):
        loyalty.withdraw_coupon(copy, reason="又一次", by=hq, now=NOW)


def test_the_same_occasion_gives_one_copy_however_often_it_is_tried(hq: Staff) -> None:
    design, member = coupons.coupon(most_per_member=None), make.member()
    for _time in range(3):
        outcomes = loyalty.issue(
            design, [member.pk, member.pk, 987_654_321], source="gift",
            source_id="birthday:2026", now=NOW,
        )  # fmt: skip
        assert [type(each).__name__ for each in outcomes] == ["Issued", "NotIssued"]
    copy = CouponIssue.objects.get()
    assert len(copy.code) == 16
    design.refresh_from_db()
    assert design.issued == 1


def test_a_longer_coupon_lengthens_the_copies_that_follow_its_dates(hq: Staff) -> None:
    design = coupons.coupon()
    copy = coupons.copy_of(design, make.member())
    later = NOW + timedelta(days=60)
    loyalty.revise_coupon(design, by=hq, now=NOW, valid_until=later)
    copy.refresh_from_db()
    assert copy.valid_until == later
    with pytest.raises(Refused) as refusal:
        loyalty.revise_coupon(design, by=hq, now=NOW, most_issued=0)
    assert code_of(refusal) == "coupon_cap_too_low"


def test_bearer_copies_are_whoever_s_and_stay_within_the_cap(hq: Staff) -> None:
    design = coupons.coupon(most_issued=3)
    codes = loyalty.issue_bearer(design, 5, by=hq, now=NOW)
    assert len(set(codes)) == 3
    use = loyalty.redeem(
        codes[0], basket=coupons.basket(), order_source="shop", order_external_id="B-1",
        member=make.member(), now=NOW,
    )  # fmt: skip
    assert use.issue.member is None


def test_every_invariant_holds_after_all_of_it(copy: CouponIssue, hq: Staff) -> None:
    loyalty.void(coupons.redeem(copy), reason="刷錯單", by=hq, now=NOW)
    loyalty.reserve(
        copy.code, basket=coupons.basket(), order_source="till", order_external_id="9",
        until=NOW + timedelta(minutes=5), now=NOW,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for name, query in COUPONS.items():
            cursor.execute(query)
            assert cursor.fetchall() == [], name
