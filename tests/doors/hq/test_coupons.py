"""HQ's coupons: drafted, tried, published, handed out, uploaded, voided, exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core import clock
from apps.loyalty.models import Coupon, CouponIssue, CouponUse, PackCode
from apps.members.models import Tag
from apps.staff.models import Staff
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
LAST = clock.today() + timedelta(days=30)
LATER = LAST + timedelta(days=5)


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "name": "週年慶 9 折", "name_en": "Anniversary 10% off", "kind": "percent",
        "percent_off": "10", "channels": ["store", "web"], "validity": "fixed",
        "valid_until_on": LAST.isoformat(), "most_per_member": "1",
        "codes": "generated", "barcode": "code128", "hue": "250", **fields,
    }  # fmt: skip


def registered(**fields: Any) -> Any:
    now = clock.now()
    return make.member(stage="registered", registered_at=now, **fields)


def live(**fields: Any) -> Coupon:
    """Make a coupon that is good today, whenever that is."""
    return coupons.coupon(valid_from=None, valid_until=None, **fields)


def test_a_draft_is_tried_published_and_its_trials_are_wiped(
    as_: As, hq: Staff
) -> None:
    client = as_(hq)
    assert client.post("/hq/coupons/new/", typed()).status_code == 302
    coupon = Coupon.objects.get()
    assert (coupon.percent, coupon.state) == (1_000, "draft")
    assert coupon.valid_until == clock.end_of(LAST)
    url = f"/hq/coupons/{coupon.pk}/"
    one = registered()
    tried = client.post(f"{url}issue/", {"people": one.number})
    assert "已發給 1 位會員" in tried.content.decode()
    copy = CouponIssue.objects.get()
    assert copy.source == "test"
    coupons.redeem(copy, now=clock.now())
    assert client.post(f"{url}publish/").status_code == 302
    coupon.refresh_from_db()
    assert (coupon.state, coupon.issued, coupon.used) == ("live", 0, 0)
    assert not CouponIssue.objects.exists()
    assert client.post(f"{url}publish/").status_code == 422
    assert client.post(f"{url}nonsense/").status_code == 404


def test_what_is_wrong_is_told_and_kept(as_: As, hq: Staff) -> None:
    answer = as_(hq).post(
        "/hq/coupons/new/",
        typed(percent_off="", valid_from_on=f"{LATER:%Y-%m-%d}"),
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "請填這張券給多少" in said
    assert f"結束日期不能早於開始日期 {LATER:%Y/%m/%d}" in said
    assert "週年慶 9 折" in said
    assert not Coupon.objects.exists()


def test_the_preview_follows_what_is_typed(as_: As, hq: Staff) -> None:
    answer = as_(hq).post("/hq/coupons/preview/", typed(name="新品禮", minimum="1500"))
    said = answer.content.decode()
    assert "新品禮" in said
    assert "9 折" in said
    assert "消費滿 NT$1,500" in said


def test_it_is_handed_to_whom_the_conditions_name(as_: As, hq: Staff) -> None:
    coupon, client = live(), as_(hq)
    url = f"/hq/coupons/{coupon.pk}/"
    tag = Tag.objects.create(name="喜歡大衣")
    tagged = [registered() for _n in range(3)]
    tag.members.set(tagged)
    registered()
    assert (
        "符合 3 位會員" in client.post(f"{url}count/", {"tag": tag.pk}).content.decode()
    )
    first = client.post(f"{url}issue/", {"tag": tag.pk})
    assert "已發給 3 位會員" in first.content.decode()
    again = client.post(f"{url}issue/", {"tag": tag.pk}).content.decode()
    assert "3 位沒有收到：這位會員已經領過，不能重複領取" in again
    assert client.post(f"{url}issue/", {}).status_code == 422
    coupon.refresh_from_db()
    assert coupon.issued == CouponIssue.objects.count() == 3


def test_a_pack_tells_its_bad_lines_by_row(as_: As, hq: Staff) -> None:
    coupon, client = live(codes="pack"), as_(hq)
    body = "AAAA-0001\r\n\r\nAAAA0001\r\nab\r\n優惠碼一二\r\nBBBB-0002,備註\r\n"
    file = SimpleUploadedFile("codes.csv", b"\xef\xbb\xbf" + body.encode())
    url = f"/hq/coupons/{coupon.pk}/codes/"
    said = client.post(url, {"file": file}).content.decode()
    assert "已加入 2 組序號，3 行沒有加入" in said
    assert "第 3 行「AAAA0001」：與第 1 行重複" in said
    assert "第 4 行「ab」：序號長度須為 4 到 40 個字" in said
    assert set(PackCode.objects.values_list("code", flat=True)) == {
        "AAAA-0001", "BBBB-0002",
    }  # fmt: skip
    same = SimpleUploadedFile("codes.txt", b"bbbb0002\n")
    assert "這組序號已經存在" in client.post(url, {"file": same}).content.decode()


def test_a_use_is_shown_voided_with_a_reason_and_exported(as_: As, hq: Staff) -> None:
    coupon, client = live(name="=折抵", most_per_member=None), as_(hq)
    copy = coupons.copy_of(coupon, make.member("陳思妤"))
    use = coupons.redeem(copy, "=1+1", total=2_000, now=clock.now())
    url = f"/hq/coupons/{coupon.pk}/"
    assert "陳思妤" in client.get(url).content.decode()
    assert "2,000" in client.get("/hq/coupons/").content.decode()
    void = f"{url}uses/{use.pk}/"
    assert client.get(void).status_code == 200
    assert client.post(void, {"reason": ""}).status_code == 422
    assert client.post(void, {"reason": "刷錯單"}).status_code == 302
    assert client.post(void, {"reason": "刷錯單"}).status_code == 422
    assert CouponUse.objects.get().voided_by == hq
    file = client.get(f"{url}uses.csv").content.decode()
    assert "'=1+1" in file
    assert "刷錯單" in file
    assert copy.shown_code in client.get(f"{url}copies.csv").content.decode()


def test_what_members_hold_does_not_change_after_publishing(as_: As, hq: Staff) -> None:
    coupon, client = live(), as_(hq)
    edit = f"/hq/coupons/{coupon.pk}/edit/"
    assert client.get(edit).status_code == 200
    answer = client.post(edit, typed(name="新名稱", amount="1", percent_off=""))
    assert answer.status_code == 302
    coupon.refresh_from_db()
    assert (coupon.name, coupon.kind, coupon.amount) == ("新名稱", "amount", 200)


def test_the_list_asks_as_much_for_many_as_for_few(
    as_: As, hq: Staff, django_assert_max_num_queries: Any
) -> None:
    for place in range(12):
        coupons.copy_of(live(name=f"折 {place}"), make.member())
    client = as_(hq)
    with django_assert_max_num_queries(12):
        client.get("/hq/coupons/")
