"""The salesperson's coupons: given to one's own customers, written off by whoever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.attribution.models import Touch
from apps.conversations.models import Message
from apps.core import clock
from apps.loyalty.models import Coupon, CouponIssue, CouponUse
from apps.members.models import Member
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from tests import make
from tests.doors.sales import waiting
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
REDEEM = "/helper/coupons/redeem/"
INDEX_QUERIES = 12


@pytest.fixture
def coupon(db: None) -> Coupon:
    return coupons.coupon(
        is_for_staff=True, minimum=1_000, most_per_staff_month=2,
        valid_from=None, valid_until=None,
    )  # fmt: skip


def page_of(member: Member) -> str:
    return f"/helper/customers/{member.pk}/coupons/"


def given(client: Client, member: Member, coupon: Coupon, click: Any = None) -> Any:
    said = {"coupon": coupon.pk, "client_id": str(click or uuid4())}
    return client.post(page_of(member), said)


def sale(copy: CouponIssue, staff: Staff, **fields: Any) -> dict[str, Any]:
    store = staff.postings.get().store_id
    return {
        "code": copy.code, "order": "S-1", "amount": 1_500, "store": store, **fields,
    }  # fmt: skip


def test_a_coupon_is_given_with_a_card_and_a_double_click_is_one(
    as_: As, lin: Staff, siyu: Member, coupon: Coupon
) -> None:
    waiting(siyu, desk="staff", staff=lin)
    client, click = as_(lin), uuid4()
    assert "發給顧客" in client.get(page_of(siyu)).content.decode()
    for _time in range(2):
        assert (
            "會在 LINE 收到這張券"
            in given(client, siyu, coupon, click).content.decode()
        )
    copy = CouponIssue.objects.get()
    assert (copy.member, copy.issued_by, copy.source) == (siyu, lin, "staff")
    assert Message.objects.filter(client_id=click).count() == 1
    bubble = Delivery.objects.get().messages[0]
    assert bubble["type"] == "flex"
    assert f"/m/coupons/{copy.pk}/" in str(bubble)
    touch = Touch.objects.get(kind="coupon_issued")
    assert (touch.member, touch.staff, touch.store) == (
        siyu, lin, lin.postings.get().store,
    )  # fmt: skip


def test_whoever_cannot_be_reached_has_it_all_the_same(
    as_: As, lin: Staff, siyu: Member, coupon: Coupon
) -> None:
    assert "目前收不到 LINE 訊息" in given(as_(lin), siyu, coupon).content.decode()
    assert CouponIssue.objects.get().member == siyu


def test_what_cannot_be_given_is_grey_with_the_reason(
    as_: As, lin: Staff, siyu: Member, coupon: Coupon
) -> None:
    client = as_(lin)
    given(client, siyu, coupon)
    said = client.get(page_of(siyu)).content.decode()
    assert "這位會員已經領過，不能重複領取" in said
    assert "disabled" in said
    second = given(client, siyu, coupon)
    assert second.status_code == 422
    for _n in range(2):
        other = make.member()
        make.bound(
            other, lin, lin.postings.get().store,
            since=clock.now() - timedelta(days=1),
        )  # fmt: skip
        answer = given(client, other, coupon)
    assert "你這個月可發的張數已用完" in answer.content.decode()
    assert CouponIssue.objects.count() == 2


def test_only_ones_own_customers_and_open_coupons(
    as_: As, chen: Staff, lin: Staff, siyu: Member, coupon: Coupon
) -> None:
    assert given(as_(chen), siyu, coupon).status_code == 404
    hidden = coupons.coupon(is_for_staff=False)
    assert given(as_(lin), siyu, hidden).status_code == 422
    assert as_(lin).get(f"/helper/coupons/{hidden.pk}/").status_code == 404


def test_another_store_writes_it_off_once_and_the_giver_has_the_touch(
    as_: As, lin: Staff, chen: Staff, siyu: Member, coupon: Coupon
) -> None:
    given(as_(lin), siyu, coupon)
    copy, client = CouponIssue.objects.get(), as_(chen)
    shown = client.get(REDEEM, {"code": copy.shown_code.lower()}).content.decode()
    assert "陳思妤" in shown
    assert "確認核銷" in shown
    first = client.post(REDEEM, sale(copy, chen))
    again = client.post(REDEEM, sale(copy, chen))
    assert first["Location"] == again["Location"]
    use = CouponUse.objects.get()
    assert (use.state, use.staff, use.store) == (
        "redeemed", chen, chen.postings.get().store,
    )  # fmt: skip
    assert "折抵 NT$200" in client.get(first["Location"]).content.decode()
    other = client.post(REDEEM, sale(copy, chen, order="S-2"))
    assert other.status_code == 422
    assert "這張優惠券已經使用過" in other.content.decode()
    looked = client.get(REDEEM, {"code": copy.code}).content.decode()
    assert "確認核銷" not in looked
    assert "用於訂單 S-1" in looked
    assert Touch.objects.get(kind="coupon_redeemed").staff == lin


def test_a_refusal_says_what_is_missing(
    as_: As, chen: Staff, siyu: Member, coupon: Coupon
) -> None:
    copy, client = coupons.copy_of(coupon, siyu), as_(chen)
    low = client.post(REDEEM, sale(copy, chen, amount=820))
    assert "還差 NT$180 才達最低消費 NT$1,000" in low.content.decode()
    empty = client.post(REDEEM, sale(copy, chen, order=""))
    assert "請填發票或 POS 的訂單編號" in empty.content.decode()
    assert "查無這張優惠券" in client.get(REDEEM, {"code": "NOPE"}).content.decode()
    assert not CouponUse.objects.exists()


def test_todays_write_off_is_taken_back_with_a_reason_by_the_same_store(
    as_: As, lin: Staff, chen: Staff, siyu: Member, coupon: Coupon
) -> None:
    copy = coupons.copy_of(coupon, siyu)
    use_url = as_(chen).post(REDEEM, sale(copy, chen))["Location"]
    assert as_(lin).post(f"{use_url}void/", {"reason": "x"}).status_code == 404
    client = as_(chen)
    assert client.post(f"{use_url}void/", {"reason": ""}).status_code == 422
    assert client.post(f"{use_url}void/", {"reason": "顧客退貨"}).status_code == 302
    copy.refresh_from_db()
    assert copy.state == "issued"


def test_yesterdays_write_off_is_for_hq(
    as_: As, chen: Staff, siyu: Member, coupon: Coupon
) -> None:
    copy = coupons.copy_of(coupon, siyu)
    use = coupons.redeem(
        copy, total=2_000, now=clock.start_of(clock.today()) - timedelta(seconds=1)
    )
    CouponUse.objects.update(store=chen.postings.get().store)
    answer = as_(chen).post(f"/helper/coupons/uses/{use.pk}/void/", {"reason": "退"})
    assert "只能作廢當天的核銷" in answer.content.decode()


def test_the_list_asks_as_much_for_many_as_for_few(
    as_: As, lin: Staff, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(9):
        coupons.coupon(f"折 {place}", is_for_staff=True, valid_until=None)
    client = as_(lin)
    with django_assert_max_num_queries(INDEX_QUERIES):
        said = client.get("/helper/coupons/").content.decode()
    assert "不限張數" in said
