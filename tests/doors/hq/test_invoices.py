"""HQ settles notices and invoices, and sees what customers showed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.loyalty.models import LoyaltySettings
from apps.members.models import Member
from apps.orders import services as orders
from apps.orders.models import Order
from apps.orders.rules.invoices import Read
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db
As = Callable[[Staff], Client]


def test_settings_are_kept_and_shown(as_: As, hq: Staff) -> None:
    client = as_(hq)
    typed = {"points_days": "14", "coupon_days": "", "hour": "11",
             "invoice_days": "30", "tax_ids": "53212539, 12345678"}  # fmt: skip
    assert client.post("/hq/loyalty/settings/", typed).status_code == 302
    assert client.post("/hq/loyalty/settings/", typed).status_code == 302
    kept = LoyaltySettings.objects.get()
    assert (kept.points_days, kept.coupon_days, kept.hour) == (14, None, 11)
    assert kept.sellers == {"53212539", "12345678"}
    assert AuditEntry.objects.filter(action="loyalty.settings_kept").count() == 2
    assert "14 天前的 11 點" in client.get("/hq/loyalty/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"hour": "23"}, {"points_days": "0"}, {"tax_ids": "1234"}]
)
def test_what_cannot_be_is_refused(as_: As, hq: Staff, wrong: dict[str, str]) -> None:
    typed = {"hour": "10", **wrong}
    assert as_(hq).post("/hq/loyalty/settings/", typed).status_code == 422
    assert not LoyaltySettings.objects.exists()


def test_invoices_are_listed_searched_and_shown_with_the_order(
    as_: As, hq: Staff, siyu: Member
) -> None:
    LoyaltySettings.objects.create(pk=1, invoice_days=30)
    invoice = orders.InvoiceIn("AB12345678", donated_to="8585")
    orders.record([make.order_in(invoice=invoice)], now=clock.now())
    for number in ("AB12345678", "CD00000001"):
        read = Read(number, clock.today(), "4321", 5_260)
        orders.claim_invoice(siyu, read, source="qr", now=clock.now())
    client = as_(hq)
    shown = client.get("/hq/loyalty/invoices/").content.decode()
    assert "這張發票已經捐贈" in shown
    assert "等待訂單" in shown
    found = client.get("/hq/loyalty/invoices/?q=cd-00000001").content.decode()
    assert "CD-00000001" in found
    assert "AB-12345678" not in found
    waiting = client.get("/hq/loyalty/invoices/?state=waiting").content.decode()
    assert "AB-12345678" not in waiting
    order = client.get(f"/hq/credits/{Order.objects.get().pk}/").content.decode()
    assert "愛心碼 8585" in order


def test_the_list_asks_the_same_for_many(
    as_: As, hq: Staff, django_assert_max_num_queries: Callable[..., object]
) -> None:
    LoyaltySettings.objects.create(pk=1, invoice_days=30)
    for place in range(12):
        read = Read(f"AB{place:08}", clock.today(), "4321", 100)
        orders.claim_invoice(make.member(), read, source="typed", now=clock.now())
    client = as_(hq)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get("/hq/loyalty/invoices/")
