"""HQ prints codes of a coupon and takes open copies back, both once for a click."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from openpyxl import load_workbook

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.loyalty.models import Coupon, CouponIssue
from apps.staff.models import Staff
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]


def live(**fields: Any) -> Coupon:
    return coupons.coupon(valid_from=None, valid_until=None, **fields)


def codes_of(content: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return [row[0] for row in rows[1:]]


def test_codes_are_printed_once_for_a_form(as_: As, hq: Staff) -> None:
    coupon, client = live(name="=折 200"), as_(hq)
    url = f"/hq/coupons/{coupon.pk}/print/"
    assert client.get(url).status_code == 200
    typed = {"count": "3", "kind": "csv", "key": str(uuid4())}
    first, again = client.post(url, typed), client.post(url, typed)
    assert first.content == again.content
    codes = codes_of(first.content)
    assert len(codes) == len(set(codes)) == 3
    assert "'=折 200" in first.content.decode()
    assert CouponIssue.objects.filter(member=None, source="hq").count() == 3
    book = client.post(url, {**typed, "kind": "xlsx"})
    sheet = load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == codes
    entry = AuditEntry.objects.get(action="loyalty.coupon_printed")
    assert entry.facts["copies"] == 3
    copy = CouponIssue.objects.order_by("pk")[0]
    assert coupons.redeem(copy, now=clock.now()).state == "redeemed"


@pytest.mark.parametrize(
    ("fields", "count", "said"),
    [
        ({"state": "paused"}, "3", "暫停使用"),
        ({"most_issued": 0}, "3", "優惠券已發完"),
        ({"codes": "pack"}, "3", "上傳的序號已用完"),
        ({}, "0", "大於或等於 1"),
        ({}, "50001", "小於或等於 50000"),
    ],
)
def test_what_cannot_be_printed_is_told(
    as_: As, hq: Staff, fields: dict[str, Any], count: str, said: str
) -> None:
    coupon = live(**fields)
    answer = as_(hq).post(
        f"/hq/coupons/{coupon.pk}/print/",
        {"count": count, "kind": "csv", "key": str(uuid4())},
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CouponIssue.objects.exists()


def test_no_more_are_printed_than_the_caps_allow(as_: As, hq: Staff) -> None:
    coupon = live(most_issued=5, most_per_campaign=4)
    url = f"/hq/coupons/{coupon.pk}/print/"
    made = [
        len(codes_of(as_(hq).post(
            url, {"count": "9", "kind": "csv", "key": str(uuid4())}
        ).content))
        for _form in range(2)
    ]  # fmt: skip
    assert made == [4, 1]


def test_open_copies_are_taken_back_after_a_look(as_: As, hq: Staff) -> None:
    coupon, client = live(), as_(hq)
    held = [coupons.copy_of(coupon, make.member(), now=clock.now()) for _n in range(3)]
    coupons.redeem(held[0], now=clock.now())
    client.post(f"/hq/coupons/{coupon.pk}/print/",
                {"count": "4", "kind": "csv", "key": str(uuid4())})  # fmt: skip
    url = f"/hq/coupons/{coupon.pk}/withdraw/"
    assert "會作廢 6 張" in client.get(url).content.decode()
    assert "會作廢 4 張" in client.get(f"{url}?whose=printed").content.decode()
    typed = {"whose": "printed", "reason": "印錯日期", "expected": "4", "sure": "on"}
    for missing in ("reason", "sure"):
        assert client.post(url, {**typed, missing: ""}).status_code == 422
    changed = client.post(url, {**typed, "expected": "3"})
    assert (changed.status_code, "張數剛剛變了" in changed.content.decode()) == (
        422,
        True,
    )
    assert client.post(url, typed).status_code == 302
    voided = CouponIssue.objects.filter(state="voided")
    assert voided.filter(member=None, void_reason="印錯日期").count() == 4
    everything = {**typed, "whose": "all", "expected": "2"}
    assert client.post(url, everything).status_code == 302
    states = sorted(CouponIssue.objects.values_list("state", flat=True))
    assert states == ["redeemed", *["voided"] * 6]
    entries = AuditEntry.objects.filter(action="loyalty.coupon_copies_withdrawn")
    assert [each.facts["copies"] for each in entries.order_by("pk")] == [4, 2]
    assert "沒有還沒使用的券" in client.get(url).content.decode()


def test_a_draft_has_neither_page_and_service_may_not(as_: As, hq: Staff) -> None:
    draft = live(state="draft")
    for page in ("print", "withdraw"):
        assert as_(hq).get(f"/hq/coupons/{draft.pk}/{page}/").status_code == 404
    clerk = make.staff("客服", role="service")
    coupon = live()
    assert as_(clerk).get(f"/hq/coupons/{coupon.pk}/print/").status_code == 403
