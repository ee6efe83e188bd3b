"""A salesperson's month and an order's sum."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.attribution import services as attribution
from apps.commissions import reports
from apps.commissions import services as commissions
from apps.commissions.models import CommissionEntry
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store, Target
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def store(db: None) -> Store:
    make.plan()
    return make.store()


@pytest.fixture
def lin(store: Store) -> Staff:
    return make.staff("林怡君", at=store)


@pytest.fixture
def buyer(lin: Staff, store: Store) -> Member:
    person = make.member("陳思妤")
    make.bound(person, lin, store, since=NOW - 10 * DAY)
    return person


def paid(order: Order) -> Order:
    """Credit the order, let the ledger follow, and take back its refunds."""
    attribution.credit([order.pk], now=NOW)
    commissions.accrue(now=NOW)
    commissions.reverse(now=NOW)
    return order


def test_my_month(lin: Staff, buyer: Member, store: Store) -> None:
    make.staff("蔡承恩", at=store)
    Target.objects.create(store=store, month=NOVEMBER, amount=20_000)
    first = make.order(buyer, 4_000, 2_000, placed_at=NOW - 5 * DAY)
    make.refund(first.lines.get(net=2_000), 500, at=NOW - DAY)
    paid(first)
    paid(make.order(buyer, 1_000, placed_at=NOW))
    paid(
        make.order(
            None, 3_000, placed_at=NOW - DAY, channel="store", seller=lin, store=store
        )
    )
    paid(make.order(buyer, 9_999, placed_at=NOW - 22 * DAY))  # October

    month = reports.month_of(lin, NOVEMBER, now=NOW)

    assert (month.sales_online, month.sales_store, month.orders) == (6_500, 3_000, 3)
    assert month.commission == 180 - 15 + 30 + 30
    assert (month.today_sales, month.today_orders) == (1_000, 1)
    assert month.new_bindings == 1
    assert (month.target, month.achieved, month.missing) == (10_000, 9_500, 500)
    assert (month.elapsed, month.days_left) == (7_333, 8)
    assert month.pace == pytest.approx(21.67)
    assert not month.is_closed
    assert [row.sales for row in month.rows] == [1_000, 3_000, 5_500]
    newest, till, oldest = month.rows
    assert (newest.reason, newest.commission) == ("綁定 10 天，下單時仍有效", 30)
    assert till.reason == "門市結帳時登錄為銷售店員"
    assert (oldest.goods, oldest.refunded) == ("羊毛大衣 等 2 件", 500)


def test_an_empty_month(lin: Staff) -> None:
    month = reports.month_of(lin, NOVEMBER, now=NOW)
    assert (month.sales, month.commission, month.rows) == (0, 0, ())
    assert month.achieved is month.pace is month.missing is None


def test_the_month_costs_the_same_however_full(lin: Staff, buyer: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            reports.month_of(lin, NOVEMBER, now=NOW)
        return len(queries)

    paid(make.order(buyer, 1_000, placed_at=NOW))
    before = cost()
    for n in range(12):
        paid(make.order(buyer, 1_000 + n, 50, placed_at=NOW))
    assert cost() == before


def test_an_orders_sum_is_written_out(buyer: Member) -> None:
    order = make.order(buyer, 4_280, 1_200, placed_at=NOW)
    make.refund(order.lines.get(net=1_200), 1_200, at=NOW)
    told = reports.arithmetic(paid(order))
    assert [(row.label, row.figure) for row in told.rows] == [
        ("商品金額", "5,480"),
        ("運費", "不計入"),
        ("認列業績", "5,480"),
        ("線上導購分潤率", "× 3%"),
        ("退款沖回", "−36"),
        ("預估分潤", "NT$128"),
    ]
    ledger = CommissionEntry.objects.values_list("amount", flat=True)
    assert told.commission == sum(ledger) == 128


def test_staff_see_their_own_sum_only(buyer: Member) -> None:
    order = paid(make.order(buyer, 4_280, placed_at=NOW))
    told = reports.arithmetic(order, staff=make.staff("別人"))
    assert (told.credited, told.commission) == (0, 0)
