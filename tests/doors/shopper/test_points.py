"""The customer's points, what dies next, and the code that lifts them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointRule, Standing, Tier, UpgradeCode
from apps.members.models import Member
from tests import make

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]


def give(member: Member, points: int) -> None:
    """Grant points that die in ten days."""
    now = clock.now()
    PointRule.objects.create(
        starts_on=clock.today(), expiry="days", expiry_days=10, created_at=now
    )
    loyalty.grant([member.pk], points, source_type="t", source_id="1", now=now)


def test_the_card_tells_of_points_and_of_their_end(phone: Phone, siyu: Member) -> None:
    give(siyu, 1_250)
    shown = phone(siyu).get("/m/card/").content.decode()
    last = clock.today() + timedelta(days=10)
    assert "1,250 點" in shown
    assert f"1,250 點到 {last.year}/{last.month}/{last.day} 為止" in shown


def test_the_entries_and_what_dies_are_listed(phone: Phone, siyu: Member) -> None:
    give(siyu, 100)
    loyalty.burn(siyu, 30, source_type="order", source_id="1", now=clock.now())
    shown = phone(siyu).get("/m/points/").content.decode()
    assert "點數折抵" in shown
    assert "−30" in shown
    assert "23:59 到期" in shown


def test_what_waits_says_for_what(phone: Phone, siyu: Member) -> None:
    now = clock.now()
    PointRule.objects.create(
        starts_on=clock.today() - timedelta(days=9), release_from="fulfilled",
        release_days=7, created_at=now,
    )  # fmt: skip
    loyalty.follow_purchases(
        [
            loyalty.Purchase(
                number, "shop", f"A{number}", siyu.pk, "web", now, now, number * 1_000,
                fulfilled_at=fulfilled_at,
            )
            for number, fulfilled_at in ((1, None), (2, now))
        ],
        now=now,
    )  # fmt: skip
    shown = phone(siyu).get("/m/points/").content.decode()
    day = clock.today() + timedelta(days=8)
    assert f"{day.year}/{day.month}/{day.day} 生效" in shown
    assert "完成訂單後 7 天生效" in shown


def test_somebody_unknown_goes_through_line(phone: Phone, siyu: Member) -> None:
    assert phone().get("/m/points/").status_code == 302


def test_a_code_lifts_the_customer(phone: Phone, siyu: Member) -> None:
    tier = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    now = clock.now()
    UpgradeCode.objects.create(
        code="VIP26", tier=tier, ends_at=now + timedelta(days=1), created_at=now
    )
    client = phone(siyu)
    wrong = client.post("/m/upgrade/", {"code": "NOTHING"})
    assert wrong.status_code == 422
    assert "找不到這組升等碼" in wrong.content.decode()
    done = client.post("/m/upgrade/", {"code": "vip26"}, follow=True)
    assert "已升到金卡" in done.content.decode()
    assert Standing.objects.get(member=siyu).tier == tier


def test_a_pause_of_burning_is_told(phone: Phone, siyu: Member) -> None:
    now, day = clock.now(), clock.today()
    loyalty.pause_burning(
        clock.start_of(day), clock.end_of(day), reason="週年慶全館折扣",
        channels=["store"], by=make.staff(role="marketing"), now=now,
    )  # fmt: skip
    shown = phone(siyu).get("/m/points/").content.decode()
    assert "門市暫停點數折抵：週年慶全館折扣" in shown
