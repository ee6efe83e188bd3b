"""What may be kept of what a visitor did, and what that leaves in the cart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

ADDED, REMOVED, STATE = "cart_added", "cart_removed", "cart"
MOST_PIECES = 30_000
MOST_SKUS = 50
EMAIL = re.compile(r"[^\s@]*@[^\s@]*")
# Digits with whatever people write between them; the last is a digit, too.
DIGITS = re.compile(r"[+(]*\d(?:[\s().\-–—+]*\d)+")
NATIONAL_ID = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][A-Da-d1289]\d{8}(?![0-9A-Za-z])")
TELLING = 7  # digits in a row: a telephone number at home has so many


def without_names(text: str, limit: int) -> str:
    """Return the words less those that may name a person, cut to `limit` letters.

    E-mail addresses, telephone numbers (also with spaces or hyphens between the digits,
    also in full-width letters) and national ids are left out.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(each if each.isprintable() else " " for each in plain)
    for pattern in (NATIONAL_ID, EMAIL):
        plain = pattern.sub(" ", plain)
    plain = DIGITS.sub(_unless_telling, plain)
    return " ".join(plain.split())[:limit].strip()


def _unless_telling(found: re.Match[str]) -> str:
    digits = sum(each.isdigit() for each in found[0])
    return " " if digits >= TELLING else found[0]


def cart_after(events: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, int]:
    """Return the pieces by SKU that lie in the cart after the events, oldest first.

    A state says all that is in it; more cannot be taken out than is there.
    """
    cart: dict[str, int] = {}
    for kind, pieces in events:
        if kind == STATE:
            cart = dict(pieces)
            continue
        sign = -1 if kind == REMOVED else 1
        for sku, count in pieces.items():
            cart[sku] = cart.get(sku, 0) + sign * count
        cart = {sku: count for sku, count in cart.items() if count > 0}
    return {sku: count for sku, count in cart.items() if count > 0}
