"""HQ's overview: the figures asked for, the to-dos of the role, the file to take."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.hq.periods import period_of
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store, Target
from tests import make
from tests.doors.sales import bought, rung_up, waiting

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
URL = "/hq/"
QUERIES = 25
FRAGMENT = {"HX-Request": "true", "HX-Target": "board"}


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_sale_shows_in_the_figures_and_its_store(
    as_: As, hq: Staff, lin: Staff, siyu: Member, store: Store
) -> None:
    Target.objects.create(
        store=store, month=clock.month_of(clock.now()), amount=1_000_000
    )
    bought(siyu, 4_280)
    rung_up(lin, 12_345)

    html = as_(hq).get(URL).content.decode()

    assert "16,625" in html  # the store's row
    assert 'data-v="12345"' in html  # the chart's table
    assert "綁定推薦人" in html
    assert lin.name in html
    assert 'data-state="late"' in html  # behind the calendar


def test_one_store_is_shown_alone(
    as_: As, hq: Staff, lin: Staff, chen: Staff, store: Store
) -> None:
    rung_up(lin, 1_111)
    rung_up(chen, 2_222)

    answer = as_(hq).get(URL, {"store": store.pk})

    assert [row.store for row in answer.context["board"].stores] == [store]
    assert answer.context["board"].kpis[0].value == 1_111
    assert f"store={store.pk}" in answer.context["asked"].query


def test_htmx_gets_the_board_alone(as_: As, hq: Staff) -> None:
    html = as_(hq).get(URL, {"period": "week"}, headers=FRAGMENT).content.decode()

    assert "<html" not in html
    assert "營運總覽" in html


def test_an_empty_brand_is_told_what_will_appear(as_: As, hq: Staff) -> None:
    html = as_(hq).get(URL).content.decode()

    for said in ("這段期間還沒有業績", "還沒有門市", "都處理完了"):
        assert said in html
    assert reverse("admin:stores_store_add") in html


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_it_is_written_in_both_languages(
    as_: As, hq: Staff, store: Store, language: str
) -> None:
    client = as_(hq)
    client.post("/ui/language/", {"language": language, "next": "/hq/"})

    html = client.get(URL).content.decode()

    assert ("Zhongshan" in html) == (language == "en")


@pytest.mark.parametrize(
    ("role", "status"),
    [(Staff.Role.MARKETING, 200), (Staff.Role.FINANCE, 200), (Staff.Role.MANAGER, 403)],
)
def test_hq_people_open_it(as_: As, store: Store, role: str, status: int) -> None:
    client = as_(make.staff("某人", at=store, role=role))

    assert client.get(URL).status_code == status
    assert client.get("/hq/stores.csv").status_code == status


def test_a_todo_is_shown_to_whoever_can_do_it(as_: As, hq: Staff, siyu: Member) -> None:
    waiting(siyu, desk="hq")

    html = as_(hq).get(URL).content.decode()
    assert "1 位未綁定顧客待回覆" in html
    assert reverse("desk:inbox") in html

    finance = make.staff("財務", role=Staff.Role.FINANCE)
    assert "未綁定顧客待回覆" not in as_(finance).get(URL).content.decode()


@pytest.mark.parametrize("others", [0, 25])
def test_the_queries_do_not_grow_with_the_brand(
    as_: As,
    hq: Staff,
    lin: Staff,
    others: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(others):
        rung_up(make.staff(f"店員{number}", at=make.store(f"店{number}")), 1_000)
    rung_up(lin, 1_000)
    client = as_(hq)

    with django_assert_max_num_queries(QUERIES):
        client.get(URL)


def test_the_file_holds_the_stores_and_runs_nothing(
    as_: As, hq: Staff, lin: Staff
) -> None:
    make.store('=HYPERLINK("https://bad.example")')
    rung_up(lin, 12_345)

    answer = as_(hq).get("/hq/stores.csv", {"period": "today"})

    assert answer["Content-Type"].startswith("text/csv")
    assert f"{clock.today():%Y%m%d}.csv" in answer["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, first, second = rows_of(answer.content)
    assert head[:3] == ["門市代號", "門市", "全通路業績"]
    assert first[1:4] == ["台北中山店", "12345", ""]
    assert second[1] == '\'=HYPERLINK("https://bad.example")'


TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, date(2026, 11, 1), TODAY),
        ({"period": "today"}, TODAY, TODAY),
        ({"period": "week"}, date(2026, 11, 16), TODAY),
        ({"period": "nonsense"}, date(2026, 11, 1), TODAY),
        ({"period": "custom"}, date(2026, 11, 1), TODAY),
        (
            {"period": "custom", "since": "2026-10-05", "until": "2026-10-03"},
            date(2026, 10, 3),
            date(2026, 10, 5),
        ),
        (
            {"period": "custom", "since": "2026-11-20", "until": "2027-11-20"},
            date(2026, 11, 20),
            TODAY,
        ),
        (
            {"period": "custom", "since": "2027-01-01", "until": "2027-02-01"},
            TODAY,
            TODAY,
        ),
        (
            {"period": "custom", "since": "0001-01-01", "until": "2026-11-22"},
            date(2025, 11, 21),
            TODAY,
        ),
        ({"period": "custom", "since": "2026-13-45"}, date(2026, 11, 1), TODAY),
        (
            {"period": "custom", "until": "2026-11-05"},
            date(2026, 11, 5),
            date(2026, 11, 5),
        ),
    ],
)
def test_a_period_is_read_from_the_query(
    query: dict[str, str], start: date, end: date
) -> None:
    period = period_of(query, today=TODAY)

    assert (period.start, period.end) == (start, end)
    assert period_of(period.query, today=TODAY) == period
