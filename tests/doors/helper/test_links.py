"""The salesperson's links: made in one tap, taken along, each with what it brought."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink
from apps.core import clock
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
LINKS, MAKE = "/helper/links/", "/helper/links/make/"
LINKS_QUERIES = 7


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


def test_a_link_to_each_kind_of_page_is_made(as_: As, lin: Staff, store: Store) -> None:
    coat, client = make.product(), as_(lin)
    wanted = {
        "product": coat.pk, "category": coat.category_id, "store": store.pk, "home": "",
    }  # fmt: skip
    for kind, pk in wanted.items():
        answer = client.post(MAKE, {"kind": kind, "pk": pk})
        link = PromoLink.objects.get(kind=kind)
        assert answer["Location"] == f"{LINKS}{link.pk}/"
        assert (link.staff, link.store, link.sent_at) == (lin, store, None)
        html = client.get(answer["Location"]).content.decode()
        assert link.url in html
        assert "<svg" in html


def test_making_it_twice_is_one_link(as_: As, lin: Staff) -> None:
    for _time in range(2):
        as_(lin).post(MAKE, {"kind": "home"})
    assert PromoLink.objects.count() == 1


def test_what_may_not_be_chosen_is_not_found(
    as_: As, lin: Staff, other_store: Store
) -> None:
    client = as_(lin)
    for facts in [
        {"kind": "store", "pk": other_store.pk},
        {"kind": "product", "pk": 987_654},
        {"kind": "product", "pk": "x"},
        {"kind": "cart", "pk": 1},
        {},
    ]:
        assert client.post(MAKE, facts).status_code == 404
    assert not PromoLink.objects.exists()


def test_taking_it_along_is_sending_it(as_: As, lin: Staff) -> None:
    link = attribution.make_link(lin, None, member=None, now=clock.now())
    client = as_(lin)
    client.post(f"{LINKS}{link.pk}/sent/")
    link.refresh_from_db()
    first = link.sent_at
    assert first is not None
    client.post(f"{LINKS}{link.pk}/sent/")
    link.refresh_from_db()
    assert link.sent_at == first


def test_another_persons_links_are_not_seen(as_: As, lin: Staff, chen: Staff) -> None:
    link = attribution.make_link(lin, None, member=None, now=clock.now())
    client = as_(chen)
    assert (
        link.get_kind_display()
        not in client.get(LINKS).content.decode().split("<aside>")[0]
    )
    assert client.get(f"{LINKS}{link.pk}/").status_code == 404
    assert client.post(f"{LINKS}{link.pk}/sent/").status_code == 404


def test_the_list_tells_clicks_and_orders(
    as_: As, lin: Staff, siyu: Member, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = clock.now()
    coat = make.product()
    for name in ("甲", "乙"):
        attribution.make_link(lin, None, member=make.member(name), now=now)
    link = attribution.make_link(lin, None, member=siyu, product=coat, now=now)
    for visitor in "ab":
        attribution.follow_link(link.code, visitor=visitor, now=now)
    make.order(siyu, 3_280, placed_at=now, reference=link.code)
    client = as_(lin)

    with django_assert_num_queries(LINKS_QUERIES):
        html = client.get(LINKS).content.decode()

    assert "傳給 陳思妤" in html
    assert "<dt>點擊</dt><dd>2</dd>" in html
    assert "<dt>訂單</dt><dd>1</dd>" in html


def test_products_are_searched(as_: As, lin: Staff) -> None:
    make.product("coat-01", name="羊毛大衣")
    make.product("knit-01", name="針織衫")
    html = as_(lin).get(
        f"{LINKS}?q=針織", headers={"HX-Request": "true", "HX-Target": "found"}
    ).content.decode()  # fmt: skip
    assert "針織衫" in html
    assert "羊毛大衣" not in html


def test_a_link_that_is_over_says_so(as_: As, lin: Staff) -> None:
    link = attribution.make_link(lin, None, member=None, now=clock.now())
    PromoLink.objects.update(expires_at=clock.now())
    html = as_(lin).get(f"{LINKS}{link.pk}/").content.decode()
    assert "過期了" in html
    assert "data-copy" not in html
