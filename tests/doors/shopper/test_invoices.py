"""The customer shows an e-invoice, by its QR or typed, and reads what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.loyalty.models import LoyaltySettings
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import InvoiceClaim, Order
from tests import make

pytestmark = pytest.mark.django_db
Phone = Callable[..., Client]
YESTERDAY = clock.today() - timedelta(days=1)


def qr(number: str = "AB12345678", day: date = YESTERDAY, total: int = 5_260) -> str:
    """Return the left QR of an invoice."""
    roc = f"{day.year - 1911:03}{day:%m%d}"
    amounts = f"{total:08X}{total:08X}"
    return f"{number}{roc}4321{amounts}00000000{'53212539'}{'A' * 24}:items"


@pytest.fixture
def _open(db: None) -> None:
    LoyaltySettings.objects.create(pk=1, invoice_days=30)
    invoice = orders.InvoiceIn("AB12345678", random_code="4321", carrier="/ABC1234")
    orders.record([make.order_in(invoice=invoice)], now=clock.now())


def test_before_it_is_open_nothing_is_asked(phone: Phone, siyu: Member) -> None:
    shown = phone(siyu).get("/m/invoices/").content.decode()
    assert "目前沒有開放發票登錄" in shown
    assert "還沒有登錄過發票" in shown
    assert phone().get("/m/invoices/").status_code == 302


@pytest.mark.usefixtures("_open")
def test_a_scanned_invoice_makes_the_order_the_customers(
    phone: Phone, siyu: Member
) -> None:
    client = phone(siyu)
    for _click in range(2):
        answer = client.post("/m/invoices/claim/", {"code": qr()})
        assert answer.status_code == 302
    shown = client.get("/m/invoices/").content.decode()
    assert InvoiceClaim.objects.get().source == "qr"
    assert "AB-12345678" in shown
    assert "已入帳" in shown
    order = client.get(f"/m/orders/{Order.objects.get().pk}/").content.decode()
    assert "/AB*****" in order
    assert "/ABC1234" not in order


@pytest.mark.usefixtures("_open")
def test_what_is_wrong_is_told_beside_the_field(phone: Phone, siyu: Member) -> None:
    client = phone(siyu)
    bad = client.post("/m/invoices/claim/", {"code": "**大衣:1:3280"})
    assert (bad.status_code, InvoiceClaim.objects.count()) == (422, 0)
    assert "這不是電子發票左邊的 QR" in bad.content.decode()
    typed = {"number": "AB-1", "issued_on": "", "random_code": "12", "total": ""}
    told = client.post("/m/invoices/claim/", typed).content.decode()
    for why in ("請填發票號碼", "請填開立日期", "4 位數字的隨機碼", "請填總計金額"):
        assert why in told
    old = qr(day=YESTERDAY - timedelta(days=40))
    assert (
        "超過 30 天"
        in client.post("/m/invoices/claim/", {"code": old}).content.decode()
    )


@pytest.mark.usefixtures("_open")
def test_a_typed_invoice_waits_or_is_refused(phone: Phone, siyu: Member) -> None:
    client = phone(siyu)
    typed = {"number": "ab-12345678", "issued_on": f"{YESTERDAY:%Y-%m-%d}",
             "random_code": "0000", "total": "5260"}  # fmt: skip
    client.post("/m/invoices/claim/", typed)
    client.post("/m/invoices/claim/", {**typed, "number": "CD00000001"})
    shown = client.get("/m/invoices/").content.decode()
    assert "隨機碼或金額與這張發票不符" in shown
    assert "還沒收到這筆消費" in shown
