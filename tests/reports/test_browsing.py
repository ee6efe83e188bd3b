"""What a member did in the shop lately, as their page tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.attribution import services as attribution
from apps.attribution.reports.browsing import browsing_of
from apps.attribution.services import Browsed
from apps.core import clock
from apps.members.models import Member
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)


def did(member: Member, kind: str, minutes: int = 0, **facts: object) -> None:
    """Note an act of the member, so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    row = Browsed(uuid4(), kind, "v", at, member_id=member.pk, **facts)  # type: ignore[arg-type]
    attribution.note_events([row])


def test_the_latest_comes_first_and_nothing_twice() -> None:
    siyu = make.member()
    make.product()
    did(siyu, "view", 9, path="/about")
    did(siyu, "view", 3, path="/products/coat-01", product_code="coat-01")
    did(siyu, "search", 8, term="圍巾")
    did(siyu, "search", 7, term="大衣")
    did(siyu, "search", 1, term="圍巾")

    told = browsing_of(siyu)

    assert [view.label for view in told.views] == ["羊毛大衣", "/about"]
    assert [search.term for search in told.searches] == ["圍巾", "大衣"]
    assert not told.is_empty


def test_the_cart_is_the_last_state_and_what_came_after() -> None:
    siyu = make.member()
    make.product()
    did(siyu, "cart_added", 9, pieces={"old": 4})
    did(siyu, "cart", 8, pieces={"coat-01-M": 1, "coat-01-S": 2})
    did(siyu, "cart_removed", 7, pieces={"coat-01-S": 2})
    did(siyu, "cart_added", 6, pieces={"unknown": 1})

    told = browsing_of(siyu)

    assert [(line.label, line.details, line.quantity) for line in told.cart] == [
        ("羊毛大衣", "米白 M", 1), ("unknown", "", 1),
    ]  # fmt: skip
    assert told.cart_at == NOW - timedelta(minutes=6)
    did(siyu, "cart", pieces={})
    assert browsing_of(siyu).cart == []


def test_a_long_history_takes_no_more_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    siyu = make.member()
    for number in range(30):
        did(siyu, "view", number, path=f"/{number}")
        did(siyu, "search", number, term=f"x{number}")
        did(siyu, "cart_added", number, pieces={f"sku-{number}": 1})

    with django_assert_max_num_queries(4):
        told = browsing_of(siyu)

    assert (len(told.views), len(told.searches), len(told.cart)) == (8, 6, 12)


def test_it_is_shown_to_who_serves_the_customer_only(client: Client) -> None:
    store, siyu = make.store(), make.member()
    lin, wang = make.staff("林怡君", at=store), make.staff("王", at=make.store("B"))
    make.bound(siyu, lin, store, since=clock.now() - timedelta(days=1))
    did(siyu, "search", term="<b>大衣</b>")

    client.force_login(lin)
    shown = client.get(f"/helper/customers/{siyu.pk}/").content.decode()
    client.force_login(wang)
    other = client.get(f"/helper/customers/{siyu.pk}/")

    assert "&lt;b&gt;大衣&lt;/b&gt;" in shown
    assert other.status_code == 404


def test_hq_sees_it_on_the_members_page(client: Client) -> None:
    siyu = make.member()
    did(siyu, "search", term="羊毛圍巾")
    client.force_login(make.staff("總部", role="admin"))

    assert "羊毛圍巾" in client.get(f"/hq/members/{siyu.pk}/").content.decode()
