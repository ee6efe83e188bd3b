"""HQ's loyalty settings say what they mean, refuse what cannot be, and are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import (
    BurnPause,
    GiftRule,
    PointRule,
    Standing,
    Tier,
    UpgradeCode,
)
from apps.members.models import Member
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]
TODAY = clock.today()

TIER = {
    "name": "金卡", "code": "gold", "upgrade_by": "months", "upgrade_months": "12",
    "threshold": "20000", "term_months": "12", "renew_by": "months",
    "renew_months": "12", "renew_amount": "10000", "entry_points": "100",
}  # fmt: skip
RULE = {
    "spend_per_point": "100", "release_from": "paid", "release_days": "7",
    "expiry": "days", "expiry_days": "365", "point_value": "1", "burn_percent": "30",
}  # fmt: skip


def test_a_tier_is_kept_and_told_in_words(as_: As, hq: Staff) -> None:
    client = as_(hq)
    assert client.post("/hq/loyalty/tiers/new/", TIER).status_code == 302
    shown = client.get("/hq/loyalty/").content.decode()
    assert "12 個月內消費滿 NT$20,000" in shown
    assert "12 個月內消費滿 NT$10,000" in shown
    assert AuditEntry.objects.filter(action="loyalty.tier_kept").exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"threshold": "-1"}, "門檻不能小於 0"),
        ({"threshold": "5000"}, "已經有同樣門檻的等級"),
        ({"renew_amount": "30000"}, "續等門檻不能高於升等門檻"),
    ],
)
def test_a_tier_that_cannot_be_is_refused(
    as_: As, hq: Staff, fields: dict[str, str], why: str
) -> None:
    Tier.objects.create(code="silver", name="銀卡", threshold=5_000)
    answer = as_(hq).post("/hq/loyalty/tiers/new/", TIER | fields)
    assert (answer.status_code, Tier.objects.count()) == (422, 1)
    assert why in answer.content.decode()


def test_a_rule_is_published_from_a_day_on(as_: As, hq: Staff) -> None:
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    client = as_(hq)
    fields = {**RULE, f"tier_{gold.pk}": "1.5", "starts_on": TODAY.isoformat()}
    assert client.post("/hq/loyalty/rules/new/", fields).status_code == 302
    rule = PointRule.objects.get()
    assert (rule.burn_share, rule.multipliers.get().multiplier) == (3_000, 15_000)
    shown = client.get("/hq/loyalty/").content.decode()
    assert "每消費 NT$100 得 1 點" in shown
    assert "得 32 點" in shown

    answer = client.post("/hq/loyalty/rules/new/", fields)
    assert (answer.status_code, PointRule.objects.count()) == (422, 1)
    fields["starts_on"] = (TODAY + timedelta(days=1)).isoformat()
    client.post("/hq/loyalty/rules/new/", fields)
    later = PointRule.objects.latest("starts_on")
    assert client.post(f"/hq/loyalty/rules/{rule.pk}/withdraw/").status_code == 422
    client.post(f"/hq/loyalty/rules/{later.pk}/withdraw/")
    assert list(PointRule.objects.all()) == [rule]


@pytest.mark.parametrize(
    ("fields", "told", "example"),
    [
        ({}, "付款後 7 天，退貨期過了生效", "例如今天付款 NT$3,280"),
        ({"release_days": "0"}, "付款後立刻生效", "例如今天付款 NT$3,280"),
        (
            {"release_from": "fulfilled"},
            "完成訂單後 7 天生效",
            "例如今天付款並完成的訂單 NT$3,280",
        ),
        (
            {"release_from": "fulfilled", "release_days": "0"},
            "完成訂單後生效",
            "例如今天付款並完成的訂單 NT$3,280",
        ),
    ],
)
def test_a_rule_says_from_when_points_wait(
    as_: As, hq: Staff, fields: dict[str, str], told: str, example: str
) -> None:
    client = as_(hq)
    assert "點數從什麼時候起算" in client.get("/hq/loyalty/rules/new/").content.decode()
    sent = {**RULE, "starts_on": TODAY.isoformat(), **fields}
    assert client.post("/hq/loyalty/rules/new/", sent).status_code == 302
    shown = client.get("/hq/loyalty/").content.decode()
    assert told in shown
    assert example in shown


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"release_from": "shipped"}, "請選擇有效的選項"),
        ({"expiry_days": ""}, "請填有效天數"),
        ({"expiry": "date", "expiry_month": "13"}, "請填 1 到 12"),
        (
            {"expiry": "date", "expiry_month": "4", "expiry_day": "31"},
            "這個月沒有這一天",
        ),
        ({"spend_per_point": "0"}, "大於或等於 1"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    as_: As, hq: Staff, fields: dict[str, str], why: str
) -> None:
    sent = {**RULE, "starts_on": TODAY.isoformat(), **fields}
    answer = as_(hq).post("/hq/loyalty/rules/new/", sent)
    assert (answer.status_code, PointRule.objects.count()) == (422, 0)
    assert why in answer.content.decode()


def test_a_pause_names_channels_and_categories(
    as_: As, hq: Staff, siyu: Member
) -> None:
    coat = make.product().category
    typed = {
        "since": TODAY.isoformat(), "until": TODAY.isoformat(), "reason": "外套特價",
        "channels": ["web"], "categories": [coat.pk],
    }  # fmt: skip
    client = as_(hq)
    assert client.post("/hq/loyalty/pauses/new/", typed).status_code == 302
    pause = BurnPause.objects.get()
    assert (pause.channels, list(pause.categories.all())) == (["web"], [coat])
    shown = client.get("/hq/loyalty/").content.decode()
    assert "官網・外套" in shown
    assert "暫停中" in shown


def test_burning_is_paused_and_goes_on(as_: As, hq: Staff, siyu: Member) -> None:
    client = as_(hq)
    days = {"since": TODAY.isoformat(), "until": TODAY.isoformat(), "reason": "週年慶"}
    client.post("/hq/loyalty/pauses/new/", days)
    now = clock.now()
    assert "週年慶" in loyalty.quote(siyu, basket_total=1_000, now=now).why
    client.post(f"/hq/loyalty/pauses/{BurnPause.objects.get().pk}/end/")
    assert not loyalty.quote(siyu, basket_total=1_000, now=clock.now()).why
    past = (TODAY - timedelta(days=3)).isoformat()
    answer = client.post(
        "/hq/loyalty/pauses/new/", {**days, "since": past, "until": past}
    )
    assert answer.status_code == 422


def test_a_gift_holds_something(as_: As, hq: Staff) -> None:
    url, client = "/hq/loyalty/gifts/birthday/", as_(hq)
    fields = {"is_active": "on", "starts_on": TODAY.isoformat(), "points": "0"}
    answer = client.post(url, fields)
    assert answer.status_code == 422
    assert "請填點數" in answer.content.decode()
    client.post(url, fields | {"points": "100"})
    assert GiftRule.objects.get().points == 100
    assert client.get("/hq/loyalty/gifts/nothing/").status_code == 404


def test_a_code_is_made_and_stopped(as_: As, hq: Staff) -> None:
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    client = as_(hq)
    fields = {
        "tier": gold.pk, "code": "vip26", "max_uses": "5", "term_months": "12",
        "ends_on": TODAY.isoformat(),
    }  # fmt: skip
    assert client.post("/hq/loyalty/codes/new/", fields).status_code == 302
    assert client.post("/hq/loyalty/codes/new/", fields).status_code == 422
    code = UpgradeCode.objects.get()
    assert code.code == "VIP26"
    client.post(f"/hq/loyalty/codes/{code.pk}/stop/")
    code.refresh_from_db()
    assert code.stopped_at is not None


def test_points_are_adjusted_by_hand_once_a_click(
    as_: As, hq: Staff, siyu: Member
) -> None:
    url, client = f"/hq/members/{siyu.pk}/points/", as_(hq)
    sent = {"act": "grant", "points": "50", "reason": "客訴補償", "key": str(uuid4())}
    for _click in range(2):
        client.post(f"{url}adjust/", sent)
    assert loyalty.balance(siyu, now=clock.now()).available == 50
    sent |= {"act": "deduct", "points": "80", "key": str(uuid4())}
    answer = client.post(f"{url}adjust/", sent)
    assert answer.status_code == 422
    assert "可用點數不足" in answer.content.decode()
    client.post(f"{url}adjust/", sent | {"points": "20"})
    shown = client.get(url).content.decode()
    assert "客訴補償" in shown
    assert loyalty.balance(siyu, now=clock.now()).available == 30
    assert AuditEntry.objects.filter(action__startswith="points.").count() == 2


def test_a_tier_is_set_by_hand(as_: As, hq: Staff, siyu: Member) -> None:
    gold = Tier.objects.create(code="vip", name="貴賓", threshold=90_000)
    client = as_(hq)
    url = f"/hq/members/{siyu.pk}/tier/"
    sent = {"tier": gold.pk, "reason": "品牌大使", "until": TODAY.isoformat()}
    assert client.post(url, sent | {"until": "2020-01-01"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    assert Standing.objects.get(member=siyu).right == "manual"
    shown = client.get(f"/hq/members/{siyu.pk}/points/").content.decode()
    assert "品牌大使" in shown
