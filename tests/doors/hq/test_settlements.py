"""HQ's settlements: by two people, to the file, and each person's statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.commissions.models import Settlement
from apps.core import clock
from apps.staff.models import Staff
from tests import make
from tests.doors.sales import bought, settled

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]


def month_before_last() -> str:
    """Return a month whose return windows are all over."""
    day = clock.month_of(clock.now())
    for _step in range(2):
        day = (day - timedelta(days=1)).replace(day=1)
    return f"{day:%Y-%m}"


MONTH = month_before_last()
URL = f"/hq/settlements/{MONTH}/"


@pytest.fixture
def second(db: None) -> Staff:
    return make.staff("財務", role=Staff.Role.FINANCE)


@pytest.fixture
def lin_sold(lin: Staff) -> None:
    """Lin's customer bought twice in that month, and sent one back."""
    buyer = make.member()
    year, month = (int(part) for part in MONTH.split("-"))
    at = clock.start_of(clock.today().replace(year=year, month=month, day=15))
    make.bound(buyer, lin, lin.postings.get().store, since=at - timedelta(days=9))
    bought(buyer, 5_000, placed_at=at)
    order = make.order(buyer, 1_000, placed_at=at)
    make.refund(order.lines.get(), 1_000, at=at + timedelta(days=2))
    settled(order)


@pytest.mark.usefixtures("lin_sold")
def test_one_prepares_another_approves_and_the_file_is_the_same_twice(
    as_: As, hq: Staff, second: Staff
) -> None:
    client = as_(hq)
    assert "待試算" in client.get("/hq/settlements/").content.decode()
    assert client.post(f"{URL}prepare/").status_code == 302
    assert client.get(f"{URL}csv/").status_code == 404
    own = client.post(f"{URL}approve/")
    assert own.status_code == 422
    assert "請另一位同事核准" in own.content.decode()

    client = as_(second)
    html = client.get(URL).content.decode()
    assert "不再接受任何明細" in html
    assert client.post(f"{URL}approve/").status_code == 302
    first, again = (client.get(f"{URL}csv/").content for _time in range(2))
    assert first == again
    assert first.startswith(b"\xef\xbb\xbf")
    assert "林怡君,3,180,-30,0,0,150,0" in first.decode()
    for kind in ("xlsx", "transfer"):
        assert (
            client.get(f"{URL}{kind}/").content == client.get(f"{URL}{kind}/").content
        )
    assert "林怡君,150\r\n" in client.get(f"{URL}transfer/").content.decode()
    assert client.post(f"{URL}paid/").status_code == 302
    assert Settlement.objects.get().state == "paid"


@pytest.mark.usefixtures("lin_sold")
def test_a_name_that_looks_like_a_formula_is_plain_text(
    as_: As, hq: Staff, second: Staff, lin: Staff
) -> None:
    Staff.objects.filter(pk=lin.pk).update(name="=1+1")
    as_(hq).post(f"{URL}prepare/")
    client = as_(second)
    client.post(f"{URL}approve/")
    assert ",'=1+1," in client.get(f"{URL}csv/").content.decode()


@pytest.mark.usefixtures("lin_sold")
def test_a_persons_statement_has_every_line_with_its_reason(
    as_: As, hq: Staff, lin: Staff, chen: Staff
) -> None:
    html = as_(hq).get(f"{URL}{lin.pk}/").content.decode()
    assert "綁定 9 天，下單時仍有效" in html
    assert "依原分潤率沖回" in html
    assert "× 3%" in html
    table = as_(hq).get(f"{URL}{lin.pk}/csv/").content.decode()
    assert table.count("\r\n") == 5
    assert as_(hq).get(f"{URL}{chen.pk}/").status_code == 404


@pytest.mark.usefixtures("lin_sold")
def test_the_salesperson_reads_their_own_statement_only(
    as_: As, lin: Staff, chen: Staff
) -> None:
    own, other = (
        as_(person).get(f"/helper/statement/{MONTH}/").content.decode()
        for person in (lin, chen)
    )
    assert "NT$150" in own
    assert "這個月沒有分潤明細" in other
    assert as_(lin).get(URL).status_code == 403
    assert as_(lin).get("/helper/statement/nonsense/").status_code == 404
