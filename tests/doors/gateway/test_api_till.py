"""A till through the API: a member's rights, coupons and points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import CouponIssue, CouponUse, PointEntry
from apps.members.models import Member
from tests import make
from tests.doors.gateway.conftest import Call
from tests.loyalty import coupons, ledger

pytestmark = pytest.mark.django_db


def held(member: Member, **fields: Any) -> CouponIssue:
    """Give the member a copy of a coupon that is good now."""
    now = clock.now()
    dates: dict[str, Any] = {
        "valid_from": now - timedelta(days=1),
        "valid_until": now + timedelta(9),
    }
    return coupons.copy_of(coupons.coupon(**dates, **fields), member, now=now)


def use(copy: CouponIssue, order: str = "T-1", **facts: Any) -> dict[str, Any]:
    """Return a coupon with its basket, as a till sends it."""
    return {
        "code": copy.code, "channel": "store", "total": 1_000,
        "source": "pos", "external_id": order, **facts,
    }  # fmt: skip


def given(member: Member, points: int) -> None:
    ledger.given(member, points, now=clock.now() - timedelta(hours=1))


def test_the_rights_come_in_one_call(call: Call) -> None:
    siyu = make.member(phone="+886912345678")
    copy = held(siyu)
    given(siyu, 120)

    told = call("GET", f"rights?number={siyu.number}").json()

    assert (told["name"], told["tier"]) == ("陳*妤", None)
    assert told["points"]["available"] == 120
    (coupon,) = told["coupons"]
    assert (coupon["code"], coupon["amount"]) == (copy.code, 200)
    assert call("GET", "rights").status_code == 422
    assert call("GET", "rights?phone=0999").status_code == 404
    assert call("GET", "rights?card=%00").status_code == 422


def test_a_coupon_is_checked_held_used_and_given_back(call: Call) -> None:
    copy = held(make.member())

    checked = call("POST", "coupons/check", use(copy)).json()
    reserved = call("POST", "coupons/reserve", use(copy)).json()
    redeemed = call("POST", "coupons/redeem", use(copy))
    again = call("POST", "coupons/redeem", use(copy))
    reason = {**use(copy), "reason": "退貨"}
    voided = call("POST", "coupons/void", reason)
    twice = call("POST", "coupons/void", reason)

    assert checked["discount"] == 200
    assert (reserved["state"], redeemed.json()["state"]) == ("reserved", "redeemed")
    assert reserved["held_until"]
    assert redeemed.json() == again.json()
    assert voided.json() == twice.json()
    assert voided.json()["state"] == "voided"
    assert CouponUse.objects.get().state == "voided"
    assert call("POST", "coupons/check", use(copy)).status_code == 200


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"code": "nothing"}, "coupon_not_found"),
        ({"total": 10}, "coupon_below_minimum"),
        ({"channel": "web"}, "coupon_wrong_channel"),
        ({"store_code": "nowhere"}, "no_store"),
        ({"staff_code": "nobody"}, "no_staff"),
        ({"member": {"phone": "0987654321"}}, "no_member"),
        ({"member": {}}, "no_member"),
        ({"lines": [{"sku": "coat-01-M", "amount": 20}, {"amount": 30}]},
         "coupon_below_minimum"),
        ({"until": "2000-01-01T00:00:00Z"}, ""),
        ({"until": "9999-12-31T23:59:59-14:00"}, ""),
    ],
)  # fmt: skip
def test_a_refusal_has_a_code_and_a_sentence(
    call: Call, facts: dict[str, Any], code: str
) -> None:
    make.product()
    copy = held(make.member(), minimum=500, channels=["store"])
    answer = call("POST", "coupons/reserve", use(copy, **facts))

    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, code)
    assert told["detail"]
    assert not CouponUse.objects.exists()


def test_of_two_orders_with_one_coupon_the_second_is_refused(call: Call) -> None:
    copy, other = held(make.member()), make.member()

    foreign = call(
        "POST", "coupons/check", use(copy, member={"number": other.number})
    ).json()
    call("POST", "coupons/redeem", use(copy))
    second = call("POST", "coupons/redeem", use(copy, "T-2")).json()
    unused = call("POST", "coupons/void", {**use(copy, "T-2"), "reason": "x"}).json()

    assert foreign["code"] == "coupon_not_yours"
    assert second["code"] == "coupon_used"
    assert unused["code"] == "coupon_no_use"


def test_a_coupon_beside_another_is_asked_of_both(call: Call) -> None:
    siyu = make.member()
    alone, together = held(siyu), held(siyu, is_stackable=True)
    both = use(together, other_coupons=[alone.code])

    told = call("POST", "coupons/check", both).json()

    assert told["code"] == "coupon_not_combinable"
    strange = use(together, other_coupons=["of-another-system"])
    assert call("POST", "coupons/check", strange).status_code == 200


def test_points_are_quoted_burned_once_and_given_back(call: Call) -> None:
    siyu = make.member()
    given(siyu, 100)
    who = {"number": siyu.number}
    burn = {"member": who, "points": 60, "source": "pos", "external_id": "T-1",
            "total": 80}  # fmt: skip

    quote = call("POST", "points/quote", {"member": who, "total": 500}).json()
    first = call("POST", "points/burn", burn)
    again = call("POST", "points/burn", burn)
    other = call("POST", "points/burn", {**burn, "points": 10})
    back = call("POST", "points/return", burn)
    twice = call("POST", "points/return", burn)

    assert (quote["available"], quote["burnable"]) == (100, 100)
    assert first.json() == again.json() == {"points": 60, "available": 40}
    assert other.json()["code"] == "source_used"
    assert back.json() == twice.json() == {"points": 60, "available": 100}
    assert PointEntry.objects.filter(kind="burn").count() == 1


def test_more_points_than_there_are_or_than_may_be_are_refused(call: Call) -> None:
    siyu = make.member()
    given(siyu, 100)
    burn = {"member": {"number": siyu.number}, "points": 90, "source": "pos",
            "external_id": "T-1"}  # fmt: skip

    over = call("POST", "points/burn", {**burn, "total": 50})
    short = call("POST", "points/burn", {**burn, "points": 101})
    none = call("POST", "points/return", burn)

    codes = [each.json()["code"] for each in (over, short, none)]
    assert codes == ["points_over_limit", "points_short", "points_not_burned"]
    assert loyalty.balance(siyu, now=clock.now()).available == 100


def test_the_same_request_with_a_key_is_answered_the_same(call: Call) -> None:
    copy = held(make.member())
    once = {"Idempotency-Key": "till-1"}
    first = call("POST", "coupons/redeem", use(copy), **once)
    again = call("POST", "coupons/redeem", use(copy), **once)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_till_is_told_where_points_are_paused_and_for_what(call: Call) -> None:
    siyu, now = make.member(), clock.now()
    given(siyu, 5_000)
    coat = make.product()
    hq = make.staff("總部", role="marketing")
    day = clock.day_of(now)
    period = (clock.start_of(day), clock.end_of(day))
    loyalty.pause_burning(
        *period, reason="外套特價", channels=["store"],
        categories=[coat.category], by=hq, now=now,
    )  # fmt: skip
    lines = [{"sku": "coat-01-M", "amount": 3_000}, {"sku": "x", "amount": 500}]
    basket = {"member": {"number": siyu.number}, "total": 3_500, "lines": lines}
    here = call("POST", "points/quote", basket).json()
    web = call("POST", "points/quote", {**basket, "channel": "web"}).json()
    assert (here["burnable"], here["why"]) == (500, "")
    assert "外套特價" in here["note"]
    assert (web["burnable"], web["note"]) == (3_500, "")
    burn = {**basket, "points": 501, "source": "pos", "external_id": "T-7"}
    assert call("POST", "points/burn", burn).json()["code"] == "points_over_limit"
    loyalty.pause_burning(*period, reason="週年慶", channels=["web"], by=hq, now=now)
    shut = call("POST", "points/burn", {**burn, "points": 5, "channel": "web"})
    assert shut.json()["code"] == "burning_paused"
    assert "週年慶" in shut.json()["detail"]
    assert call("GET", f"rights?number={siyu.number}").json()["points"]["paused"] == ""
    loyalty.pause_burning(*period, reason="盤點", by=hq, now=now)
    told = call("GET", f"rights?number={siyu.number}").json()["points"]["paused"]
    assert "盤點" in told
