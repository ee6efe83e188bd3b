"""Orders come with their e-invoices."""

from __future__ import annotations

import pytest

from apps.orders.models import Order
from tests.doors.gateway.conftest import Call
from tests.doors.gateway.test_api import order

pytestmark = pytest.mark.django_db


def test_an_order_comes_with_its_invoice(call: Call) -> None:
    told = {"number": "AB-12345678", "issued_on": "2026-11-20", "random_code": "4321",
            "carrier": "/ABC1234"}  # fmt: skip
    sent = order(invoice=told)
    answer = call("POST", "orders", {"orders": [sent]}).json()
    assert answer["results"][0]["status"] == "new"
    kept = Order.objects.get().invoice
    assert (kept.number, f"{kept.issued_on}") == ("AB12345678", "2026-11-20")
    bad = order("A-9", invoice={"number": "XX-1234567"})
    (refused,) = call("POST", "orders", {"orders": [bad]}).json()["results"]
    assert (refused["status"], refused["field"]) == ("rejected", "invoice.number")
