"""The customer's coupons: which there are, one to show, one to open, a word to type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon
from apps.members.models import Member
from apps.shopper import coupon_codes, signin
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db

Phone = Callable[..., Client]


def live(**fields: Any) -> Coupon:
    return coupons.coupon(**{"valid_from": None, "valid_until": None, **fields})


def test_a_coupon_is_shown_with_its_codes_and_counts_as_opened(
    phone: Phone, siyu: Member
) -> None:
    now = clock.now()
    copy = coupons.copy_of(live(valid_until=now + timedelta(days=3)), siyu)
    client = phone(siyu)
    listed = client.get("/m/coupons/").content.decode()
    assert "折 NT$200" in listed
    shown = client.get(f"/m/coupons/{copy.pk}/").content.decode()
    assert copy.shown_code in shown
    assert shown.count('<svg class="barcode"') == 1
    assert "data-countdown" in shown
    copy.refresh_from_db()
    assert copy.opened_at is not None


def test_opening_is_asked_first_where_it_starts_the_days(
    phone: Phone, siyu: Member
) -> None:
    copy = coupons.copy_of(live(validity="open", valid_days=3), siyu)
    client, url = phone(siyu), f"/m/coupons/{copy.pk}/"
    before = client.get(url).content.decode()
    assert "3 天內有效" in before
    assert copy.shown_code not in before
    for _time in range(2):
        assert client.post(f"{url}open/").status_code == 302
    copy.refresh_from_db()
    assert copy.valid_until == clock.end_of(clock.today() + timedelta(days=3))
    assert copy.shown_code in client.get(url).content.decode()


def test_used_and_gone_ones_are_told_apart(phone: Phone, siyu: Member) -> None:
    now = clock.now()
    used = coupons.copy_of(live(name="用過的"), siyu)
    coupons.redeem(used, now=now)
    gone = coupons.copy_of(live(name="過期的"), siyu)
    gone.valid_until = now - timedelta(days=1)
    gone.save()
    client = phone(siyu)
    tabs = {
        tab: client.get(f"/m/coupons/?tab={tab}").content.decode()
        for tab in ("usable", "used", "past")
    }
    assert "用過的" in tabs["used"]
    assert "過期的" in tabs["past"]
    assert "目前沒有可用的優惠券" in tabs["usable"]
    assert "用掉了" in client.get(f"/m/coupons/{used.pk}/").content.decode()
    late = client.get(f"/m/coupons/{gone.pk}/").content.decode()
    assert "到期" in late
    assert gone.shown_code not in late


def test_a_word_brings_a_coupon_once(phone: Phone, siyu: Member) -> None:
    live(claim_word="HELLO100")
    client = phone(siyu)
    assert client.post("/m/coupons/claim/", {"word": "hello 100"}).status_code == 302
    again = client.post("/m/coupons/claim/", {"word": "HELLO100"})
    assert again.status_code == 422
    assert "您已經領過這張優惠券" in again.content.decode()
    unknown = client.post("/m/coupons/claim/", {"word": "NOPE"}).content.decode()
    assert "查無這個領券碼" in unknown


def test_nobody_sees_the_coupons_of_others(phone: Phone, siyu: Member) -> None:
    copy = coupons.copy_of(live(), make.member())
    assert phone(siyu).get(f"/m/coupons/{copy.pk}/").status_code == 404
    assert phone(siyu).post(f"/m/coupons/{copy.pk}/open/").status_code == 404


def test_whoever_is_unknown_signs_in_and_comes_back(client: Client) -> None:
    make.account()
    answer = client.get("/m/coupons/")
    assert answer.status_code == 302
    assert signin.target_of_path("/coupons/7/?x=1") == signin.COUPONS
    assert signin.destination(signin.COUPONS) == "/m/coupons/"


@pytest.mark.parametrize(
    ("kind", "code", "drawn"),
    [
        ("code128", "ABCDEFGHJKMNPQRS", True),
        ("code39", "ABC-123", True),
        ("ean13", "4710000000010", True),
        ("ean13", "ABC", False),
        ("ean13", "ABCDEFGHJKMNP", False),
        ("none", "ABC", False),
    ],
)
def test_a_barcode_is_drawn_where_its_kind_holds_the_code(
    *, kind: str, code: str, drawn: bool
) -> None:
    assert bool(coupon_codes.barcode(kind, code)) is drawn


def test_a_paused_coupon_says_so(phone: Phone, siyu: Member) -> None:
    coupon = live()
    copy = coupons.copy_of(coupon, siyu)
    loyalty.pause_coupon(coupon, by=make.staff(role="admin"), now=clock.now())
    said = phone(siyu).get(f"/m/coupons/{copy.pk}/").content.decode()
    assert "這張優惠券目前暫停使用" in said
