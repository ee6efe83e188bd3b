"""What the QR of an e-invoice says, and whether its purchase becomes a member's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.orders.rules import invoices
from apps.orders.rules.invoices import InvoiceIn, Read, Sold

TODAY = date(2026, 11, 22)
LEFT = (
    "AB12345678" "1151120" "4321" "00000C30" "00000CD0" "00000000" "53212539"
    "dGhlIHNlYWwgaXMgaGVyZQ=="
)  # fmt: skip
READ = Read("AB12345678", date(2026, 11, 20), "4321", 3_280, "53212539")


def test_the_left_qr_is_read() -> None:
    assert len(LEFT) == invoices.FIXED
    assert invoices.read_qr(LEFT) == READ
    items = f"{LEFT}:**********:1:1:1:大衣:1:3280"
    assert invoices.read_qr(f" {items} ") == READ


@pytest.mark.parametrize(
    "text",
    ["", "**大衣:1:3280", "AB12345678", LEFT.replace("1151120", "1151320"),
     LEFT.replace("00000CD0", "FFFFFFFF"), LEFT.lower()[:40]],
)  # fmt: skip
def test_what_is_no_left_qr_is_nothing(text: str) -> None:
    assert invoices.read_qr(text) is None


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 11, 22), date(2026, 11, 1)),
        (date(2026, 12, 31), date(2026, 11, 1)),
        (date(2027, 1, 1), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 1, 1)),
    ],
)
def test_a_number_is_of_two_months(day: date, start: date) -> None:
    assert invoices.period_of(day) == start


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY, ""),
        (TODAY - timedelta(days=30), ""),
        (TODAY - timedelta(days=31), "old"),
        (TODAY + timedelta(days=1), "future"),
    ],
)
def test_how_old_it_may_be(day: date, why: str) -> None:
    read = Read("AB12345678", day, "4321")
    assert invoices.too_old(read, days=30, today=TODAY) == why


@pytest.mark.parametrize(
    ("sold", "why"),
    [
        (Sold("4321", 3_280), ""),
        (Sold("4321", 9), ""),
        (Sold("", 3_280), ""),
        (Sold("9999", 3_280), "mismatch"),
        (Sold("", 3_281), "mismatch"),
        (Sold("9999", 3_280, is_donated=True), "mismatch"),
        (Sold("4321", 3_280, is_donated=True), "donated"),
        (Sold("4321", 3_280, is_cancelled=True), "cancelled"),
        (Sold("4321", 3_280, owner_id=7), "yours"),
        (Sold("4321", 3_280, owner_id=8), "other_member"),
    ],
)
def test_whose_it_becomes(sold: Sold, why: str) -> None:
    assert invoices.judge(READ, sold, member_id=7) == why


@pytest.mark.parametrize(
    ("invoice", "field"),
    [
        (InvoiceIn("ab-12345678", random_code="0001", donated_to="8585"), None),
        (InvoiceIn("A123"), "invoice.number"),
        (InvoiceIn("AB12345678", random_code="12"), "invoice.random_code"),
        (InvoiceIn("AB12345678", carrier="/ABC\x00"), "invoice.carrier"),
        (InvoiceIn("AB12345678", donated_to="12"), "invoice.donated_to"),
    ],
)
def test_what_is_wrong_with_an_orders_invoice(
    invoice: InvoiceIn, field: str | None
) -> None:
    found = next(invoices.problems(invoice), None)
    assert (found.field if found else None) == field
