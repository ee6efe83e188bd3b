"""Sales by conversation in the helper: no more than the reader's stores, or self."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.core import clock
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
REPORT, ORDERS = "/helper/report/", "/helper/report/orders/"


@pytest.fixture
def sold(lin: Staff, chen: Staff, siyu: Member, other_store: Store) -> list[str]:
    """Sell for Lin and for Chen; return the orders' numbers."""
    far = make.member("王小明")
    now = clock.now()
    make.bound(far, chen, other_store, since=siyu.created_at)
    return [
        bought(siyu, 3_280, placed_at=now).external_id,
        bought(far, 7_777, placed_at=now).external_id,
    ]


def test_a_manager_sees_their_store_alone(
    as_: As, wang: Staff, chen: Staff, other_store: Store, sold: list[str]
) -> None:
    client = as_(wang)
    for query in ("", f"?store={other_store.pk}", f"?person={chen.pk}", "?store=0"):
        html = client.get(f"{REPORT}{query}").content.decode()
        assert "7,777" not in html
        assert "陳柏翰" not in html
        orders = client.get(f"{ORDERS}{query}").content.decode()
        assert sold[1] not in orders
    html = client.get(REPORT).content.decode()
    assert "本店對話銷售" in html
    assert "林怡君" in html
    assert sold[0] in client.get(ORDERS).content.decode()


def test_a_salesperson_sees_themselves_alone(
    as_: As, lin: Staff, chen: Staff, store: Store, sold: list[str]
) -> None:
    colleague = make.staff("同事", at=store)
    client = as_(colleague)
    for query in ("", f"?person={lin.pk}", f"?store={store.pk}"):
        html = client.get(f"{REPORT}{query}").content.decode()
        assert "林怡君" not in html
        assert sold[0] not in client.get(f"{ORDERS}{query}").content.decode()
    mine = as_(lin).get(REPORT).content.decode()
    assert "我的對話銷售" in mine
    assert "3,280" in mine


def test_the_file_keeps_the_scope(as_: As, lin: Staff, sold: list[str]) -> None:
    text = as_(lin).get("/helper/report/csv/?group=person").content.decode()
    assert "3280" in text
    assert "7777" not in text


def test_the_orders_lead_to_their_reasons(
    as_: As, wang: Staff, sold: list[str]
) -> None:
    html = as_(wang).get(ORDERS).content.decode()
    url = html.split('scope="row"><a href="', 1)[1].split('"')[0]
    assert as_(wang).get(url).status_code == 200
