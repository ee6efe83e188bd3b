"""HQ's credits: the list with its filters, and one order's reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import DAY, bought, clicked, replied, rung_up, settled

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
URL = "/hq/credits/"
LIST_QUERIES, SHOW_QUERIES = 14, 24


def listed(client: Client, **query: object) -> set[str]:
    answer = client.get(URL, {name: str(value) for name, value in query.items()})
    return {row.order.external_id for row in answer.context["orders"]}


def test_the_list_says_who_and_why(as_: As, hq: Staff, siyu: Member) -> None:
    order = bought(siyu, 4_280)

    html = as_(hq).get(URL).content.decode()

    assert order.external_id in html
    assert "林怡君" in html
    assert "綁定推薦人" in html
    assert "下單時仍有效" in html


def test_an_order_of_two_people_has_a_row_of_each(
    as_: As, hq: Staff, siyu: Member, lin: Staff, chen: Staff
) -> None:
    coat, knit = make.product("coat-01"), make.product("knit-01")
    clicked(siyu, chen, coat)
    clicked(siyu, lin, knit)
    order = make.order(siyu, 5_000, 900, placed_at=clock.now())
    order.lines.filter(position=0).update(product=coat)
    order.lines.filter(position=1).update(product=knit)
    settled(order)

    answer = as_(hq).get(URL)

    [row] = answer.context["orders"]
    told = [(share.person, share.amount) for share in row.shares]
    assert told == [(chen, 5_000), (lin, 900)]
    assert 'rowspan="2"' in answer.content.decode()


def test_the_list_is_narrowed(
    as_: As,
    hq: Staff,
    lin: Staff,
    chen: Staff,
    siyu: Member,
    store: Store,
    other_store: Store,
) -> None:
    web = bought(siyu, 4_280).external_id
    till = rung_up(chen, 2_000).external_id
    house = bought(None, 990, placed_at=clock.now() - 40 * DAY).external_id
    client = as_(hq)

    assert listed(client) == {web, till, house}
    assert listed(client, basis="pos_seller") == {till}
    assert listed(client, basis="house") == {house}
    assert listed(client, person=lin.pk) == {web}
    assert listed(client, store=other_store.pk) == {till}
    assert listed(client, person=lin.pk, store=other_store.pk) == set()
    assert listed(client, period="week") == {web, till}
    assert listed(client, q=till) == {till}
    assert listed(client, q="陳思妤") == {web}
    assert listed(client, person="x", store="99999", basis="?") == {web, till, house}


def test_an_order_that_waits_for_its_credit_says_so(as_: As, hq: Staff) -> None:
    order = make.order(None, 990)
    client = as_(hq)

    assert "認列中" in client.get(URL).content.decode()
    html = client.get(f"{URL}{order.pk}/").content.decode()
    assert "還在計算" in html
    assert "羊毛大衣" in html


def test_empty_lists_say_what_to_do(as_: As, hq: Staff) -> None:
    client = as_(hq)

    assert "還沒有訂單" in client.get(URL).content.decode()
    assert "清除條件" in client.get(URL, {"q": "nobody"}).content.decode()


def test_the_page_tells_the_whole_story(
    as_: As, hq: Staff, siyu: Member, chen: Staff
) -> None:
    replied(siyu, chen, clock.now() - timedelta(minutes=36))
    order = bought(siyu, 4_280)

    html = as_(hq).get(f"{URL}{order.pk}/").content.decode()

    assert f"這筆訂單為什麼認列給{chen.name}" in html
    assert "對話協助" in html
    assert "第 6 順位，被順位更高的取代" in html  # the bond
    assert "NT$4,280" in html
    assert "NT$128" in html  # 3 % of it
    assert "規則第 1 版" in html
    assert "爭議" not in html


def test_the_arrows_stay_within_the_filters(
    as_: As, hq: Staff, lin: Staff, siyu: Member
) -> None:
    first = bought(siyu, 1_000, placed_at=clock.now() - 3 * DAY)
    rung_up(lin, 2_000)
    last = bought(siyu, 3_000)
    client = as_(hq)

    answer = client.get(f"{URL}{last.pk}/", {"basis": "binding", "all": "1"})

    assert answer.context["older"] == first
    assert answer.context["newer"] is None
    assert f"{URL}{first.pk}/?basis=binding" in answer.content.decode()


def test_htmx_gets_the_journey_alone(as_: As, hq: Staff, siyu: Member) -> None:
    order = bought(siyu, 1_000)

    answer = as_(hq).get(f"{URL}{order.pk}/?all=1", headers={"HX-Request": "true"})

    html = answer.content.decode()
    assert "顧客旅程" in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("role", "status"),
    [(Staff.Role.FINANCE, 200), (Staff.Role.SERVICE, 200), (Staff.Role.MANAGER, 403)],
)
def test_hq_people_open_it(
    as_: As, siyu: Member, store: Store, role: str, status: int
) -> None:
    order = bought(siyu, 1_000)
    client = as_(make.staff("某人", at=store, role=role))

    assert client.get(URL).status_code == status
    assert client.get(f"{URL}{order.pk}/").status_code == status


def test_an_order_that_is_not_there_is_a_404(as_: As, hq: Staff) -> None:
    assert as_(hq).get(f"{URL}999999/").status_code == 404


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_both_pages_are_written_in_both_languages(
    as_: As, hq: Staff, siyu: Member, language: str
) -> None:
    order = bought(siyu, 1_000)
    client = as_(hq)
    client.post("/ui/language/", {"language": language, "next": URL})

    for path in (URL, f"{URL}{order.pk}/"):
        html = client.get(path).content.decode()
        assert f'lang="{"en" if language == "en" else "zh-Hant-TW"}"' in html


@pytest.mark.parametrize("orders", [1, 50])
def test_the_queries_do_not_grow_with_the_list(
    as_: As,
    hq: Staff,
    siyu: Member,
    orders: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    made = [make.order(siyu, 1_000, 500) for _each in range(orders)]
    settled(*made)
    client = as_(hq)

    with django_assert_max_num_queries(LIST_QUERIES):
        client.get(URL)
    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/hq/orders/")
    assert Order.objects.count() == orders


@pytest.mark.parametrize("lines", [1, 50])
def test_the_queries_do_not_grow_with_the_order(
    as_: As,
    hq: Staff,
    siyu: Member,
    lines: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    products = [make.product(f"p-{each}") for each in range(lines)]
    order = make.order(siyu, *([100] * lines))
    for line, product in zip(order.lines.all(), products, strict=True):
        line.product = product
        line.save()
    settled(order)
    client = as_(hq)

    with django_assert_max_num_queries(SHOW_QUERIES):
        client.get(f"{URL}{order.pk}/")
