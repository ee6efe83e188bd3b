"""HQ rules who bears a refund, corrects a credit, and takes workbooks away."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.attribution.models import Credit
from apps.commissions.models import CommissionEntry, Correction
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from tests import make
from tests.doors.sales import bought, settled

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]


@pytest.fixture
def order(siyu: Member) -> Order:
    """An order of Lin's customer, a part of which came back."""
    row = make.order(siyu, 1_000, placed_at=clock.now() - timedelta(days=1))
    make.refund(row.lines.get(), 400)
    return settled(row)


def test_the_house_bears_a_refund(as_: As, hq: Staff, lin: Staff, order: Order) -> None:
    client = as_(hq)
    page = client.get(f"/hq/credits/{order.pk}/").content.decode()
    assert "改由總部吸收" in page
    url = f"/hq/faults/{order.refunds.get().pk}/{lin.pk}/"
    assert client.post(url, {"outcome": "absorb", "reason": ""}).status_code == 422
    done = client.post(url, {"outcome": "absorb", "reason": "商品瑕疵"})
    assert done["Location"] == f"/hq/credits/{order.pk}/#faults"
    page = client.get(f"/hq/credits/{order.pk}/").content.decode()
    assert "改由店員負擔" in page
    listed = client.get("/hq/faults/?state=absorbed").content.decode()
    assert "沖回 NT$12，其中總部吸收 NT$12" in listed
    assert "商品瑕疵" in listed
    assert "沒有符合的退款" in client.get("/hq/faults/?state=borne").content.decode()
    assert "NT$12" in client.get("/hq/faults/?month=nonsense").content.decode()
    own = as_(lin).get(f"/helper/statement/{clock.today():%Y-%m}/").content.decode()
    assert "退款由總部吸收：商品瑕疵" in own


def test_a_correction_asks_twice(
    as_: As, hq: Staff, lin: Staff, chen: Staff, order: Order
) -> None:
    client, line = as_(hq), order.lines.get()
    url = f"/hq/credits/lines/{line.pk}/correct/"
    assert url in client.get(f"/hq/credits/{order.pk}/").content.decode()
    typed = {"first": chen.pk, "second": lin.pk, "part": "30", "reason": "登錄錯人"}
    asked = client.post(url, typed)
    assert asked.status_code == 200
    for words in ("再確認一次", "NT$700", "NT$300"):
        assert words in asked.content.decode()
    assert not Correction.objects.exists()
    assert client.post(url, {**typed, "confirmed": "1"}).status_code == 302
    held = Credit.objects.filter(superseded_at=None).order_by("-share")
    assert list(held.values_list("staff", "share")) == [
        (chen.pk, 7_000), (lin.pk, 3_000),
    ]  # fmt: skip
    page = client.get(f"/hq/credits/{order.pk}/").content.decode()
    assert "「登錄錯人」" in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reason": ""}, "請寫下更正的理由"),
        ({"second": True, "part": ""}, "請填比例"),
        ({"second": True, "part": "100"}, "比例要在 1 到 99 之間"),
    ],
)
def test_a_correction_that_is_not_whole_is_refused(
    as_: As, hq: Staff, lin: Staff, chen: Staff, order: Order,
    typed: dict[str, object], words: str,
) -> None:  # fmt: skip
    sent = {"first": lin.pk, "second": "", "part": "", "reason": "x", **typed}
    if sent["second"]:
        sent["second"] = chen.pk
    url = f"/hq/credits/lines/{order.lines.get().pk}/correct/"
    answer = as_(hq).post(url, sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_may_not_correct_sees_no_button(as_: As, order: Order) -> None:
    marketing = make.staff("江品睿", role=Staff.Role.MARKETING)
    page = as_(marketing).get(f"/hq/credits/{order.pk}/").content.decode()
    assert "更正認列" not in page
    assert "改由總部吸收" not in page


def test_workbooks_are_the_same_twice_and_run_nothing(
    as_: As, hq: Staff, lin: Staff, order: Order
) -> None:
    order.lines.update(name="=1+1")
    month = f"{clock.today():%Y-%m}"
    placed = f"{clock.month_of(order.placed_at):%Y-%m}"
    url = f"/hq/settlements/{placed}/{lin.pk}/xlsx/"
    first, again = (as_(hq).get(url).content for _time in range(2))
    assert first == again
    rows = list(load_workbook(io.BytesIO(first)).worksheets[0].values)
    assert rows[0][2] == "商品"
    assert rows[1][2] == "'=1+1"
    assert rows[-1][-1] == sum(
        CommissionEntry.objects.filter(month__day=1).values_list("amount", flat=True)
    )
    own = as_(lin).get(f"/helper/statement/{month}/xlsx/")
    assert own["Content-Disposition"].endswith(f'statement-{month}-{lin.code}.xlsx"')


def test_the_list_asks_a_fixed_number_of_questions(
    as_: As, hq: Staff, siyu: Member, order: Order
) -> None:
    client = as_(hq)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/hq/faults/")
        return len(queries)

    before = cost()
    for _each in range(5):
        row = bought(siyu, 900)
        make.refund(row.lines.get(), 900)
        settled(row)
    assert cost() == before
