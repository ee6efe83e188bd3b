"""What a cart may become, and what changed in it since the customer last saw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

ALIVE = frozenset({"open", "sent", "opened"})
LASTS = timedelta(days=30)  # a cart that nobody sent
KEPT = timedelta(hours=48)  # one that was sent, and what is held for it
ABANDONED_AFTER = timedelta(hours=4)  # a shop's cart that nobody touched
MOST_LINES = 40
MOST_PIECES = 99
FEW = 3

Change = Literal["", "sold_out", "fewer", "cheaper", "dearer"]


@dataclass(frozen=True)
class Line:
    """A line as the cart knows it, and what holds now (NT$ a piece).

    `available` is how many can still be had, those held for this cart included.
    """

    quantity: int
    shown_price: int
    price: int
    available: int
    is_on_sale: bool


@dataclass(frozen=True)
class Now:
    """What a line is now: how many count, at what, and what changed."""

    quantity: int
    price: int
    amount: int
    change: Change
    is_scarce: bool


def look_again(line: Line) -> Now:
    """Decide what of a line can be bought, at today's price."""
    available = line.available if line.is_on_sale else 0
    quantity = min(line.quantity, max(available, 0))
    return Now(
        quantity=quantity,
        price=line.price,
        amount=quantity * line.price,
        change=_change(line, quantity),
        is_scarce=0 < available <= FEW,
    )


def _change(line: Line, quantity: int) -> Change:
    if not quantity:
        return "sold_out"
    if quantity < line.quantity:
        return "fewer"
    if line.price != line.shown_price:
        return "cheaper" if line.price < line.shown_price else "dearer"
    return ""
