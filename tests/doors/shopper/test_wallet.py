"""The card's points and coupons: what ends when, with a code that tills read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import LoyaltySettings, PointRule
from apps.members.models import Member
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]


def test_an_empty_card_says_what_to_do(phone: Phone, siyu: Member) -> None:
    PointRule.objects.create(starts_on=clock.today(), created_at=clock.now())
    shown = phone(siyu).get("/m/card/").content.decode()
    assert "0 點" in shown
    assert "結帳時出示會員卡，就會開始累積" in shown
    assert "目前沒有可用的優惠券" in shown
    assert 'class="qr"' in shown
    assert 'class="barcode"' in shown
    assert "登錄發票補點數" not in shown


def test_points_and_coupons_say_what_ends_when(phone: Phone, siyu: Member) -> None:
    now, today = clock.now(), clock.today()
    PointRule.objects.create(
        starts_on=today, expiry="days", expiry_days=5, created_at=now
    )
    LoyaltySettings.objects.create(pk=1, invoice_days=30)
    loyalty.grant([siyu.pk], 1_250, source_type="t", source_id="1", now=now)
    for days in (3, 20, 30, 40):
        until = clock.end_of(today + timedelta(days=days))
        coupon = coupons.coupon(f"券{days}天", valid_from=None, valid_until=until)
        coupons.copy_of(coupon, siyu, now=now)
    loyalty.pause_burning(
        clock.start_of(today), clock.end_of(today), reason="週年慶",
        by=make.staff(role="marketing"), now=now,
    )  # fmt: skip
    client = phone(siyu)
    shown = client.get("/m/card/").content.decode()
    last = today + timedelta(days=5)
    assert f"1,250 點到 {last.year}/{last.month}/{last.day} 為止" in shown
    assert "剩 5 天" in shown
    assert "剩 3 天" in shown
    assert shown.count("剩 ") == 2
    assert "券30天" in shown
    assert "券40天" not in shown
    assert "全部 4 張" in shown
    assert "暫停點數折抵：週年慶" in shown
    assert "登錄發票補點數" in shown
    assert "剩 3 天" in client.get("/m/coupons/").content.decode()


def test_the_card_asks_the_same_for_many(
    phone: Phone, siyu: Member, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for n in range(8):
        coupons.copy_of(coupons.coupon(f"券{n}"), siyu)
    client = phone(siyu)
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        client.get("/m/card/")
