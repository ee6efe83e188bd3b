"""The page that explains an order's credit: the sentence, the way there, the ladder."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from apps.attribution import reports
from apps.attribution import services as attribution
from apps.attribution.models import PageView
from apps.attribution.querysets import explainable_to
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


@pytest.fixture
def admin(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def lin(db: None) -> Staff:
    return make.staff("林怡君", at=make.store("台北中山店"))


@pytest.fixture
def huang(db: None) -> Staff:
    return make.staff("黃子芸", at=make.store("新竹竹北店"))


@pytest.fixture
def buyer(lin: Staff) -> Member:
    person = make.member("張庭瑄")
    make.bound(person, lin, lin.postings.get().store, since=NOW - 98 * DAY)
    return person


@pytest.fixture
def order(buyer: Member, lin: Staff, huang: Staff) -> Order:
    """A coat that Huang showed two days before and Lin half an hour before."""
    coat = make.product()
    for staff, before in ((huang, 2 * DAY), (lin, 31 * MINUTE)):
        link = attribution.make_link(
            staff, staff.postings.get().store, member=buyer, product=coat,
            now=NOW - before,
        )  # fmt: skip
        attribution.follow_link(link.code, visitor="v", now=NOW - before)
    PageView.objects.create(
        event_id="0b0f4b5e-0000-4000-8000-000000000001", visitor="v", member=buyer,
        product=coat, path="/coat", at=NOW - 30 * MINUTE,
    )  # fmt: skip
    row = make.order(buyer, 4_280, 1_200, placed_at=NOW, product=coat)
    attribution.credit([row.pk], now=NOW)
    return Order.objects.get(pk=row.pk)


def test_the_verdict_is_a_sentence(order: Order, admin: Staff, lin: Staff) -> None:
    told = reports.explain(order, viewer=admin, now=NOW + DAY)
    assert told.title == "這筆訂單為什麼認列給林怡君"
    assert told.verdict is not None
    assert told.verdict.person == lin
    assert told.verdict.amount == 5_480
    assert told.verdict.sentence == (
        "顧客在 11/20 21:12 下單，31 分前點擊了林怡君（台北中山店）的推廣連結。"
        "推廣連結是第 4 順位，所以整筆認列給林怡君。"
    )
    strong = [part.text for part in told.verdict.parts if part.is_strong]
    assert strong == ["林怡君", "推廣連結"]


def test_the_way_to_the_order(order: Order, admin: Staff) -> None:
    told = reports.explain(order, viewer=admin, now=NOW + DAY)
    rows = [(row.kind, row.status, row.chip, row.gap) for row in told.timeline]
    assert rows == [
        ("binding", "counted", "第 6 順位，被順位更高的取代", "98 天前"),
        ("link_click", "ignored", "第 4 順位，被較晚的取代", "2 天前"),
        ("link_click", "won", "第 4 順位，採用", "下單前 31 分"),
        ("view", "ignored", "", "下單前 30 分"),
        ("order", "fact", "", ""),
        ("cooling_off", "future", "", "還有 10 天"),
    ]
    assert len(told.relevant) == 5
    assert "第 4 順位，順位更高" in told.timeline[0].detail


def test_the_ladder_names_who_stands_on_each_rung(order: Order, admin: Staff) -> None:
    told = reports.explain(order, viewer=admin, now=NOW)
    steps = [(step.title, step.who, step.fate, step.is_winner) for step in told.ladder]
    assert steps == [
        ("門市結帳店員", "", "沒有紀錄", False),
        ("代客購物車", "", "沒有紀錄", False),
        ("店員優惠券", "", "沒有紀錄", False),
        ("推廣連結", "林怡君 等 2 位", "採用", True),
        ("對話協助", "", "沒有紀錄", False),
        ("綁定推薦人", "林怡君", "被順位更高的取代", False),
        ("總部或自主下單", "", "未用到", False),
    ]
    assert told.ladder[3].note == "30 天內最後一次點擊"


def test_lines_and_history(order: Order, admin: Staff) -> None:
    make.refund(order.lines.get(net=1_200), 200, at=NOW + DAY)
    told = reports.explain(order, viewer=admin, now=NOW + DAY)
    lines = [(line.amount, line.refunded, line.who) for line in told.lines]
    assert lines == [
        (4_280, 0, "林怡君（台北中山店）"),
        (1_200, 200, "林怡君（台北中山店）"),
    ]
    assert [change.text for change in told.history] == ["寫入認列，林怡君 100%"]
    assert told.timeline[-2].title == "退款 NT$200"


def test_the_house_is_explained_as_well(admin: Staff) -> None:
    order = make.order(make.member(), 1_000, placed_at=NOW)
    waiting = reports.explain(order, viewer=admin, now=NOW)
    assert (waiting.title, waiting.is_pending) == ("這筆訂單還在計算認列", True)
    attribution.credit([order.pk], now=NOW)
    order.refresh_from_db()
    told = reports.explain(order, viewer=admin, now=NOW)
    assert told.title == "這筆訂單為什麼沒有認列給店員"
    assert told.verdict is not None
    assert told.verdict.sentence.endswith("屬於總部或自主下單，不分潤。")


def test_a_stranger_sees_neither_name_nor_browsing(order: Order, huang: Staff) -> None:
    told = reports.explain(order, viewer=huang, now=NOW)
    assert told.buyer == "張○○"
    assert "view" not in {row.kind for row in told.timeline}


def test_only_candidates_and_hq_may_read_it(
    order: Order, admin: Staff, lin: Staff, huang: Staff
) -> None:
    other = make.staff("外人", at=make.store("別店"))
    boss = make.staff("店長", role=Staff.Role.MANAGER, at=huang.postings.get().store)
    may_read = {
        viewer.name: explainable_to(viewer).filter(pk=order.pk).exists()
        for viewer in (admin, lin, huang, boss, other)
    }
    assert may_read == {
        "許雅筑": True, "林怡君": True, "黃子芸": True, "店長": True, "外人": False
    }  # fmt: skip


def test_the_number_of_queries_is_fixed(
    order: Order, buyer: Member, admin: Staff
) -> None:
    def cost() -> int:
        fresh = Order.objects.select_related("member").get(pk=order.pk)
        with CaptureQueriesContext(connection) as queries:
            reports.explain(fresh, viewer=admin, now=NOW)
        return len(queries)

    before = cost()
    for n in range(8):
        attribution.touch(
            "chat_reply", member=buyer, staff=make.staff(f"第{n}位"), store=None,
            product=None, link=None, evidence=("message", n), now=NOW - (n + 1) * DAY,
        )  # fmt: skip
    assert cost() == before
    assert before <= 14


def test_it_reads_without_chinese_places_left_empty(order: Order, admin: Staff) -> None:
    with translation.override("en"):
        told = reports.explain(order, viewer=admin, now=NOW)
    assert told.verdict is not None
    assert "{" not in told.verdict.sentence
