"""My month and why an order counts: one's own figures, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store, Target
from tests import make
from tests.doors.sales import bought, replied, rung_up, settled, waiting

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
MONTH, TODAY = "/helper/month/", "/helper/"
MONTH_QUERIES, WHY_QUERIES, TODAY_QUERIES = 16, 24, 24


def last_month() -> str:
    this = clock.month_of(clock.now())
    return f"{(this - timedelta(days=1)):%Y-%m}"


def why(order_id: int) -> str:
    return f"/helper/orders/{order_id}/why/"


def test_the_month_tells_sales_commission_and_reasons(
    as_: As, lin: Staff, siyu: Member, store: Store
) -> None:
    Target.objects.create(
        store=store, month=clock.month_of(clock.now()), amount=100_000
    )
    order = bought(siyu, 4_280, placed_at=clock.now())
    rung_up(lin, 10_000)

    answer = as_(lin).get(MONTH)

    html = answer.content.decode()
    assert "NT$14,280" in html
    assert ">228<" in html  # 3 % of 4,280 and 1 % of 10,000
    assert "目標 10 萬，還差 8.6 萬" in html
    assert "綁定 60 天，下單時仍有效" in html
    assert why(order.pk) in html


def test_the_month_without_sales_says_what_brings_them(as_: As, lin: Staff) -> None:
    html = as_(lin).get(MONTH).content.decode()

    assert "這個月還沒有認列的業績" in html
    assert "還沒有設定目標" in html


@pytest.mark.parametrize("asked", ["2019-01", "2999-01", "x", ""])
def test_a_month_out_of_reach_is_this_one(as_: As, lin: Staff, asked: str) -> None:
    answer = as_(lin).get(MONTH, {"month": asked})

    assert answer.context["is_current"]
    assert answer.context["later"] is None


def test_an_earlier_month_leads_back(as_: As, lin: Staff) -> None:
    answer = as_(lin).get(MONTH, {"month": last_month()})

    assert answer.context["later"] == clock.month_of(clock.now())
    assert "hx-trigger" not in answer.content.decode().split('id="board"')[1][:200]


def test_nobody_sees_anothers_month(
    as_: As, lin: Staff, chen: Staff, siyu: Member
) -> None:
    order = bought(siyu, 4_280)

    assert order.external_id not in as_(chen).get(MONTH).content.decode()
    assert "這個月還沒有認列的業績" in as_(chen).get(MONTH).content.decode()


def test_the_reason_is_read_by_whom_it_concerns(
    as_: As, lin: Staff, chen: Staff, wang: Staff, siyu: Member
) -> None:
    order = bought(siyu, 4_280)

    html = as_(lin).get(why(order.pk)).content.decode()
    assert "這筆訂單為什麼認列給林怡君" in html
    assert "NT$128" in html
    assert as_(wang).get(why(order.pk)).status_code == 200  # the store's manager
    assert as_(chen).get(why(order.pk)).status_code == 404
    assert as_(lin).get(why(999_999)).status_code == 404


def test_whoever_lost_reads_why_but_not_who_the_customer_is(
    as_: As, lin: Staff, chen: Staff, siyu: Member
) -> None:
    replied(siyu, chen, clock.now() - 8 * timedelta(days=1))
    order = bought(siyu, 4_280)

    html = as_(chen).get(why(order.pk)).content.decode()

    assert "7 天內有效，下單時已經過期" in html
    assert "陳思妤" not in html
    assert "陳○○" in html
    assert "NT$128" not in html  # what another earned


def test_hq_has_pages_of_its_own(as_: As, hq: Staff, siyu: Member) -> None:
    order = bought(siyu, 1_000)
    client = as_(hq)

    assert client.get(MONTH).status_code == 403
    assert client.get(why(order.pk)).status_code == 403


def test_today_shows_who_waits_and_the_month(as_: As, lin: Staff, siyu: Member) -> None:
    waiting(siyu, desk="staff", staff=lin)
    bought(siyu, 4_280)

    html = as_(lin).get(TODAY).content.decode()

    assert "今天有 1 件事" in html
    assert "駝色 M 號有貨嗎？" in html
    assert MONTH in html
    assert ">128<" in html


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_pages_are_written_in_both_languages(
    as_: As, lin: Staff, siyu: Member, language: str
) -> None:
    order = bought(siyu, 1_000)
    client = as_(lin)
    client.post("/ui/language/", {"language": language, "next": TODAY})

    for path in (TODAY, MONTH, why(order.pk)):
        html = client.get(path).content.decode()
        assert f'lang="{"en" if language == "en" else "zh-Hant-TW"}"' in html


@pytest.mark.parametrize("rows", [1, 50])
def test_the_queries_do_not_grow_with_the_rows(
    as_: As,
    lin: Staff,
    store: Store,
    siyu: Member,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [make.order(siyu, 1_000, 500) for _each in range(rows)]
    settled(*made)
    for number in range(rows):
        buyer = make.member(f"顧客{number}", on=make.account())
        make.bound(buyer, lin, store, since=clock.now())
        waiting(buyer, desk="staff", staff=lin)
    client = as_(lin)

    with django_assert_max_num_queries(MONTH_QUERIES):
        client.get(MONTH)
    with django_assert_max_num_queries(WHY_QUERIES):
        client.get(why(made[0].pk))
    with django_assert_max_num_queries(TODAY_QUERIES):
        client.get(TODAY)
