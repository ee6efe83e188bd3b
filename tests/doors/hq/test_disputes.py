"""Disputes on the pages: from the helper's objection to HQ's ruling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.commissions.models import Dispute
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.doors.sales import bought, replied

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
SAID = "前一天我幫她選好尺寸"


@pytest.fixture
def order(siyu: Member, lin: Staff, chen: Staff) -> Order:
    """Chen answered first, Lin last: Lin has it, Chen is a candidate."""
    replied(siyu, chen, clock.now() - timedelta(days=2))
    replied(siyu, lin, clock.now() - timedelta(hours=2))
    return bought(siyu, 5_480)


def objected(client: Client, order: Order) -> Dispute:
    url = f"/helper/orders/lines/{order.lines.get().pk}/dispute/"
    assert client.post(url, {"reason": SAID}).status_code == 302
    return Dispute.objects.get()


def test_from_the_objection_to_the_ruling(
    as_: As, order: Order, lin: Staff, chen: Staff, hq: Staff
) -> None:
    why = f"/helper/orders/{order.pk}/why/"
    assert "提出爭議" in as_(chen).get(why).content.decode()
    assert "提出爭議" not in as_(lin).get(why).content.decode()
    dispute = objected(as_(chen), order)
    html = as_(chen).get(why).content.decode()
    assert SAID in html
    assert 'data-open="objection"' not in html

    client = as_(hq)
    assert "件爭議待裁定" in client.get("/hq/").content.decode()
    assert "改認列給陳柏翰" in client.get(f"/hq/credits/{order.pk}/").content.decode()
    answer = client.post(
        f"/hq/disputes/{dispute.pk}/rule/",
        {"outcome": "split", "reason": "兩人都幫了忙"},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (
        204,
        f"/hq/credits/{order.pk}/",
    )
    html = client.get(f"/hq/credits/{order.pk}/").content.decode()
    assert "爭議裁定" in html
    assert "兩人都幫了忙" in html
    for person in (lin, chen):
        pages = [
            as_(person).get(url).content.decode() for url in (why, "/helper/disputes/")
        ]
        assert all("兩人都幫了忙" in page for page in pages)
        assert "依裁定或更正認列" in as_(person).get("/helper/month/").content.decode()
    assert client.post(f"/hq/disputes/{dispute.pk}/rule/").status_code in {403, 422}


def test_others_see_nothing_of_it(
    as_: As, order: Order, chen: Staff, store: Store
) -> None:
    dispute = objected(as_(chen), order)
    stranger = make.staff("路人店員", at=store)
    manager = make.staff("外店店長", at=make.store("新竹"), role=Staff.Role.MANAGER)
    for person in (stranger, manager):
        client = as_(person)
        assert SAID not in client.get("/helper/disputes/").content.decode()
        for verb in ("withdraw", "rule", "pass"):
            url = f"/helper/disputes/{dispute.pk}/{verb}/"
            assert client.post(url).status_code == 404
        line = order.lines.get().pk
        answer = client.post(f"/helper/orders/lines/{line}/dispute/", {"reason": SAID})
        assert answer.status_code == 404


def test_a_manager_rules_inside_the_store(
    as_: As, siyu: Member, lin: Staff, wang: Staff, store: Store
) -> None:
    tsai = make.staff("蔡承恩", at=store)
    replied(siyu, tsai, clock.now() - timedelta(days=2))
    replied(siyu, lin, clock.now() - timedelta(hours=2))
    order = bought(siyu, 5_480)
    dispute = objected(as_(tsai), order)
    assert "交給總部裁定" not in as_(lin).get("/helper/disputes/").content.decode()
    client = as_(wang)
    assert "交給總部裁定" in client.get("/helper/disputes/").content.decode()
    answer = client.post(
        f"/helper/disputes/{dispute.pk}/rule/",
        {"outcome": "reassign", "reason": "尺寸是他談的"},
    )
    assert answer.status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.ruling.by) == ("ruled", wang)


def test_precedents_are_searched(as_: As, order: Order, chen: Staff, hq: Staff) -> None:
    objected(as_(chen), order)
    client = as_(hq)

    def found(words: str) -> int:
        answer = client.get("/hq/disputes/", {"q": words})
        return len(answer.context["disputes"])

    assert [found(words) for words in ("尺寸", "尺寸 陳柏翰", "生日")] == [1, 1, 0]


def test_marketing_reads_disputes_and_rules_on_none(
    as_: As, order: Order, chen: Staff
) -> None:
    dispute = objected(as_(chen), order)
    client = as_(make.staff("行銷", role=Staff.Role.MARKETING))
    assert SAID in client.get("/hq/disputes/").content.decode()
    assert "送出裁定" not in client.get(f"/hq/credits/{order.pk}/").content.decode()
    assert client.post(f"/hq/disputes/{dispute.pk}/rule/").status_code == 403
