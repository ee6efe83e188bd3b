"""HQ's reports of conversations: figures, the orders behind them, links, the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.attribution import services as attribution
from apps.core import clock
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
REPORT = "/hq/reports/conversations/"
ORDERS, CSV, LINKS = f"{REPORT}orders/", f"{REPORT}csv/", "/hq/reports/links/"
PAGE_QUERIES, LINKS_QUERIES = 20, 12


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


@pytest.fixture
def finance(db: None) -> Staff:
    return make.staff("財務", role=Staff.Role.FINANCE)


@pytest.fixture
def sold(lin: Staff, siyu: Member, store: Store) -> str:
    """Sell a coat through a link of Lin's; return the order's number."""
    at = clock.now() - timedelta(hours=3)
    link = attribution.make_link(
        lin, store, member=siyu, product=make.product(), now=at, campaign="fall"
    )
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile Line/14.0"
    attribution.follow_link(link.code, visitor="v", now=at, agent=agent)
    later = at + timedelta(minutes=42)
    order = bought(siyu, 3_280, placed_at=later, reference=link.code)
    return order.external_id


def test_the_report_tells_who_did_what(
    as_: As,
    finance: Staff,
    sold: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = as_(finance)
    with django_assert_max_num_queries(PAGE_QUERIES):
        html = client.get(REPORT).content.decode()
    assert "林怡君" in html
    assert "資料截至" in html
    assert "線上業績 3,280 加門市結帳 0" in html
    assert "42 分內" in html


@pytest.mark.parametrize("group", ["person", "store", "day", "week", "month"])
def test_it_is_told_apart_in_each_way(
    as_: As, finance: Staff, sold: str, group: str
) -> None:
    html = as_(finance).get(f"{REPORT}?group={group}").content.decode()
    assert "3,280" in html


def test_a_fragment_is_the_board_alone(as_: As, finance: Staff, sold: str) -> None:
    answer = as_(finance).get(REPORT, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert "<html" not in html
    assert "林怡君" in html


@pytest.mark.parametrize("figure", ["orders", "influence"])
def test_a_figure_leads_to_its_orders(
    as_: As, finance: Staff, lin: Staff, sold: str, figure: str
) -> None:
    client = as_(finance)
    page = client.get(REPORT).content.decode()
    query = page.split(f'href="{ORDERS}?', 1)[1].split('"')[0].replace("&amp;", "&")
    html = client.get(f"{ORDERS}?{query}&figure={figure}").content.decode()
    assert sold in html
    assert "共 1 筆，合計 NT$3,280" in html
    none = client.get(f"{ORDERS}?person={lin.pk + 99}&figure={figure}")
    assert "沒有符合的訂單" in none.content.decode()
    assert client.get(f"{ORDERS}?figure=made-up").status_code == 404


def test_the_file_is_the_report(as_: As, finance: Staff, sold: str) -> None:
    answer = as_(finance).get(f"{CSV}?group=person")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "林怡君"
    assert rows[1][rows[0].index("業績")] == "3280"
    assert "conversations-person-" in answer["Content-Disposition"]


def test_links_are_listed_with_what_they_were_opened_with(
    as_: As,
    finance: Staff,
    sold: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = as_(finance)
    with django_assert_max_num_queries(LINKS_QUERIES):
        html = client.get(LINKS).content.decode()
    assert "羊毛大衣" in html
    assert "fall" in html
    assert "iOS" in html
    assert "手機" in html


def test_an_empty_house_is_told_so(as_: As, finance: Staff) -> None:
    client = as_(finance)
    assert "這段期間沒有紀錄" in client.get(REPORT).content.decode()
    assert "這段期間沒有傳出連結" in client.get(LINKS).content.decode()
    assert "還沒有連結帶來的訂單" in client.get(REPORT).content.decode()


def test_service_does_not_see_it(as_: As, sold: str) -> None:
    service = make.staff("客服", role=Staff.Role.SERVICE)
    assert as_(service).get(REPORT).status_code == 403
