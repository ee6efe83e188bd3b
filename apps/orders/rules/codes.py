"""Codes of carts and pickups: read aloud, typed or scanned, not to be guessed."""

from __future__ import annotations

import secrets

from apps.members.rules.tokens import SYMBOLS

LENGTH = 13  # five bits a symbol: 65 bits
_MISREAD = str.maketrans("OIL", "011")


def fresh() -> str:
    """Return a code that nobody has."""
    return "".join(secrets.choice(SYMBOLS) for _place in range(LENGTH))


def read(text: str) -> str:
    """Return the code that somebody typed or scanned, "" if it cannot be one.

    A scanned one may come as an address that ends in it.
    """
    last = text.strip().rstrip("/").rpartition("/")[2]
    code = last.upper().translate(_MISREAD).replace("-", "").replace(" ", "")
    is_code = len(code) == LENGTH and all(symbol in SYMBOLS for symbol in code)
    return code if is_code else ""


def grouped(code: str) -> str:
    """Write a code in groups, as it is read aloud."""
    return " ".join(filter(None, (code[:4], code[4:8], code[8:])))
