"""Files of orders, the way tills and shops write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile

from apps.core import clock
from apps.imports import kinds
from apps.imports import services as imports
from apps.imports.models import ImportJob
from apps.members.models import Member
from apps.orders.models import Order, OrderLine, ParkedRefund, Refund
from tests import make

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
OPTIONS = {"source": "pos", "channel": "store", "paid": "yes", "store": "s00"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shelf(db, settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.IMPORTS_ROOT = tmp_path
    make.store(code="s00")


def take(
    head: str, *rows: str, options: Mapping[str, str] = OPTIONS, encoding: str = "utf-8"
) -> ImportJob:
    content = "\r\n".join((head, *rows)).encode(encoding)
    job = imports.upload(
        ContentFile(content, "orders.csv"),
        kind=kinds.named("orders"),
        by=None,
        now=NOW,
    )
    job = imports.map_columns(job, job.mapping, options)
    imports.start(job, by=None, now=NOW)
    while imports.advance(job.pk, now=NOW):
        continue
    job.refresh_from_db()
    return job


def counts(job: ImportJob) -> tuple[int, int, int, int]:
    return job.new, job.changed, job.unchanged, job.rejected


HEAD = "單號,交易日期,交易時刻,貨號,品名,數量,單價,小計,交易別,店號,店員編號,會員手機"


def test_a_tills_file_of_the_republics_calendar_in_big5() -> None:
    store = make.store(code="s01")
    lin = make.staff("林", code="e01", at=store)

    job = take(
        HEAD,
        'A1,115/3/5,14:05,K1,針織衫,2,"1,280","2,560",銷售,s01,e01,912345678',
        "A1,115/3/5,14:05,C1,長大衣,1,4980,4480,銷售,s01,e01,912345678",
        encoding="cp950",
    )

    order = Order.objects.get()
    assert counts(job) == (1, 0, 0, 0)
    assert (order.source, order.external_id, order.channel) == ("pos", "A1", "store")
    assert order.placed_at == clock.start_of(
        order.placed_at.date()
    ).replace(hour=14, minute=5)  # fmt: skip
    assert (order.store, order.seller, order.net) == (store, lin, 7040)
    assert order.paid_at == order.placed_at
    assert order.member == Member.objects.get(phone="+886912345678")
    assert list(order.lines.values_list("net", "discount")) == [(2560, 0), (4480, 500)]


def test_the_same_file_again_changes_nothing() -> None:
    rows = ("A1,115/3/5,,K1,衫,2,100,,,,,", "A1,115/3/9,,K1,衫,-1,100,,,,,")

    assert counts(take(HEAD, *rows)) == (1, 0, 0, 0)
    assert counts(take(HEAD, *rows)) == (0, 0, 1, 0)
    assert Refund.objects.count() == 1


def test_a_negative_row_gives_back_on_its_own_day() -> None:
    take(HEAD, "A1,115/3/9,,K1,衫,-1,100,,退貨,,,", "A1,115/3/5,,K1,衫,2,100,,,,,")

    order, refund = Order.objects.get(), Refund.objects.get()
    assert (order.net, order.refunded) == (200, 100)
    assert clock.day_of(order.placed_at).day == 5
    assert clock.day_of(refund.refunded_at).day == 9


def test_goods_given_back_before_their_order_came_wait_for_it() -> None:
    first = take(HEAD, "A1,115/3/9,,K1,衫,-1,100,,退貨,,,")

    assert first.warned == 1
    assert ParkedRefund.objects.count() == 1
    take(HEAD, "A1,115/3/5,,K1,衫,2,100,,,,,")
    assert Order.objects.get().refunded == 100
    assert not ParkedRefund.objects.exists()


def test_a_cancelled_order_leaves_nothing() -> None:
    take(HEAD, "A1,115/3/5,,K1,衫,2,100,,取消,,,")

    order = Order.objects.get()
    assert order.status == Order.Status.CANCELLED
    assert order.refunded == order.net


def test_an_order_without_a_member_is_nobodys_and_an_unknown_sku_is_remarked() -> None:
    job = take(HEAD, "A1,115/3/5,,K1,衫,1,100,,,,,")

    assert Order.objects.get().member is None
    assert (job.rejected, job.warned) == (0, 1)
    assert "沒有這個 SKU" in job.remarks.get().why


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ("A1,昨天,,K1,衫,1,100,,,,,", "placed_at", "看不出日期"),
        ("A1,115/2/30,,K1,衫,1,100,,,,,", "placed_at", "月曆上沒有"),
        ("A1,116/3/5,,K1,衫,1,100,,,,,", "placed_at", "未來"),
        ("A1,115/3/5,,K1,衫,0,100,,,,,", "quantity", "不能是 0"),
        ("A1,115/3/5,,K1,衫,一,100,,,,,", "quantity", "不是數字"),
        ("A1,115/3/5,,K1,衫,1,,,,,,", "unit_price", "至少要有一個"),
        ("A1,115/3/5,,K1,衫,1,100,150,,,,", "amount", "對不起來"),
        ("A1,115/3/5,,,衫,1,100,,,,,", "sku", "必填"),
        ("A1,115/3/5,,K1,衫,1,100,,,s9,,", "store", "沒有這個門市代號"),
        ("A1,115/3/5,,K1,衫,1,100,,,,e9,", "seller", "沒有這個店員代號"),
        ("A1,115/3/5,,K1,衫,1,1.5,,,,,", "unit_price", "不能有小數"),
    ],
)
def test_a_bad_row_says_which_field_and_why(row: str, field: str, why: str) -> None:
    job = take(HEAD, row, "A2,115/3/5,,K1,衫,1,100,,,,,")

    remark = job.remarks.filter(is_rejected=True).get()
    assert counts(job) == (1, 0, 0, 1)
    assert (remark.number, remark.field) == (2, field)
    assert why in remark.why
    assert Order.objects.get().external_id == "A2"


def test_an_order_with_a_bad_row_is_not_taken_in_part() -> None:
    job = take(HEAD, "A1,115/3/5,,K1,衫,1,100,,,,,", "A1,115/3/5,,K2,衫,x,100,,,,,")

    said = dict(job.remarks.values_list("number", "why"))
    assert not OrderLine.objects.exists()
    assert job.rejected == 2
    assert "整張都沒有匯入" in said[2]
    assert "不是數字" in said[3]


def test_more_given_back_than_bought_is_said_and_the_order_stays() -> None:
    job = take(HEAD, "A1,115/3/5,,K1,衫,1,100,,,,,", "A1,115/3/9,,K1,衫,-3,100,,,,,")

    assert Order.objects.get().refunded == 0
    assert any("退貨超過" in why for why in job.remarks.values_list("why", flat=True))


def test_a_shops_file_says_channel_discount_shipping_and_payment() -> None:
    take(
        "Order ID,Date,Paid at,SKU,Qty,Price,整單折扣,運費,通路,狀態,Email",
        "W1,2026-03-05 10:00,2026-03-05 10:09,K1,1,1000,-100,60,官網,已完成,a@x.tw",
        "W1,2026-03-05 10:00,,K2,1,500,,,,,",
        "W2,2026-03-05 11:00,,K1,1,1000,,,官網,待付款,",
        options={**OPTIONS, "source": "ec", "channel": "web"},
    )

    first, second = Order.objects.order_by("external_id")
    assert (first.goods, first.discount, first.shipping) == (1500, 100, 60)
    assert (first.channel, second.channel) == ("web", "web")
    assert first.paid_at is not None
    assert second.paid_at is None


def test_a_stores_order_needs_its_store() -> None:
    job = take(HEAD, "A1,115/3/5,,K1,衫,1,100,,,,,", options={**OPTIONS, "store": ""})

    assert "要有門市代號" in job.remarks.get().why


def test_a_file_needs_the_name_of_its_system() -> None:
    with pytest.raises(Exception, match="來源系統"):
        take(HEAD, "A1,115/3/5,,K1,衫,1,100,,,,,", options={**OPTIONS, "source": ""})
