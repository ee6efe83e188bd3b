"""Taiwan's e-invoices: what their QR says, and whether a customer may claim one.

The left QR of the printed proof begins with 77 signs of fixed places, as the Ministry
of Finance lays them down in the specification of the proof's bar codes (電子發票證明聯
一維及二維條碼規格說明): number 10, day 7 (ROC year, month, day), random code 4, sales
before tax 8 and total 8 (both hexadecimal), the buyer's tax id 8 (zeros for a
consumer), the seller's tax id 8, a seal of 24. Items follow after a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apps.orders.rules.checks import LARGEST_AMOUNT, Problem

NUMBER = re.compile(r"[A-Z]{2}\d{8}")
RANDOM_CODE = re.compile(r"\d{4}")
CARRIER_LENGTH = 64
# Codes of charities have three to seven figures.
CHARITY = re.compile(r"\d{3,7}")
FIXED = 77
LEFT_QR = re.compile(
    r"(?P<number>[A-Z]{2}\d{8})(?P<day>\d{7})(?P<code>\d{4})"
    r"(?P<sales>[0-9A-Fa-f]{8})(?P<total>[0-9A-Fa-f]{8})"
    r"(?P<buyer>\d{8})(?P<seller>\d{8})"
)
ROC = 1911
# A shop may issue the invoice weeks after the order, and tell only of the order.
NEAR = timedelta(days=62)


@dataclass(frozen=True)
class InvoiceIn:
    """The e-invoice of an order as its source tells it.

    Without `issued_on` it is of the day the order was paid. `donated_to` is the
    charity's code, `carrier` what keeps the invoice instead of paper.
    """

    number: str
    issued_on: date | None = None
    random_code: str = ""
    carrier: str = ""
    donated_to: str = ""


@dataclass(frozen=True)
class Read:
    """An invoice as a customer's QR or fingers say it; `total` in NT$."""

    number: str
    issued_on: date
    random_code: str
    total: int | None = None
    seller: str = ""


@dataclass(frozen=True)
class Sold:
    """The order that the invoice is of: its total in NT$ and whose it is."""

    random_code: str
    total: int
    owner_id: int | None = None
    is_donated: bool = False
    is_cancelled: bool = False


def normal(number: str) -> str:
    """Return an invoice's number as it is kept: capitals, without hyphen and spaces."""
    return re.sub(r"[\s-]", "", number).upper()


def read_qr(text: str) -> Read | None:
    """Return what the left QR says; None for the right one, or for anything else."""
    found = LEFT_QR.match(text.strip())
    if found is None:
        return None
    day = roc_day(found["day"])
    total = int(found["total"], 16)
    if day is None or total > LARGEST_AMOUNT:
        return None
    return Read(found["number"], day, found["code"], total, found["seller"])


def roc_day(figures: str) -> date | None:
    """Return the day of seven figures such as 1151122, None where there is none."""
    year, month, day = int(figures[:3]) + ROC, int(figures[3:5]), int(figures[5:7])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def period_of(day: date) -> date:
    """Return the first day of the two months in which a number is issued once."""
    return day.replace(month=day.month - (day.month - 1) % 2, day=1)


def problems(invoice: InvoiceIn) -> Iterator[Problem]:
    """Find what is wrong with an order's invoice."""
    if not NUMBER.fullmatch(normal(invoice.number)):
        yield Problem("invoice.number", "must be two letters and eight digits")
    if invoice.random_code and not RANDOM_CODE.fullmatch(invoice.random_code):
        yield Problem("invoice.random_code", "must be four digits")
    if len(invoice.carrier) > CARRIER_LENGTH or not invoice.carrier.isprintable():
        yield Problem("invoice.carrier", "is too long, or cannot be stored")
    if invoice.donated_to and not CHARITY.fullmatch(invoice.donated_to):
        yield Problem("invoice.donated_to", "must be a charity's three to seven digits")


def too_old(read: Read, *, days: int, today: date) -> str:
    """Return why its day is not taken: "old", "future", "" where it is."""
    if read.issued_on > today:
        return "future"
    return "old" if today - read.issued_on > timedelta(days=days) else ""


def judge(read: Read, sold: Sold, *, member_id: int) -> str:
    """Return why the purchase does not become the member's, "" where it does.

    First whether they hold the invoice: who guessed a number learns nothing else.
    """
    if not _is_held(read, sold):
        return "mismatch"
    if sold.is_donated:
        return "donated"
    if sold.is_cancelled:
        return "cancelled"
    if sold.owner_id is None:
        return ""
    return "yours" if sold.owner_id == member_id else "other_member"


def _is_held(read: Read, sold: Sold) -> bool:
    """Tell whether the random code fits, or the total where the shop told no code."""
    if sold.random_code:
        return read.random_code == sold.random_code
    return read.total == sold.total
