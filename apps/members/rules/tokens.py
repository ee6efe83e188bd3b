"""The token in a QR: a code and its signature, readable by people and by scanners.

    7K3MQ2ZD-4F8N1XW0RT      CODE (40 bits), "-", SIGNATURE (50 bits of an HMAC)

The 32 symbols leave out I, L, O and U; whoever types them for 1 and 0 is understood.
All are in the alphanumeric set of QR codes, which keeps the pattern coarse.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
SIGNATURE_LENGTH = 10
# Set before the token in the prefilled message: what follows is meant as a token,
# even if it is a wrong one.
MARK = "#"

_MISREAD = str.maketrans("OIL", "011")
_HYPHENS = re.compile(r"[\u00ad\u058a\u2010-\u2015\u2212\u30fc\ufe58\ufe63\uff0d_]")
_ONE = f"[{SYMBOLS}]"
_TOKEN = re.compile(
    rf"(?P<mark>{MARK}\s*)?(?<![0-9A-Z])"
    rf"(?P<code>{_ONE}{{{CODE_LENGTH}}})\s*-?\s*"
    rf"(?P<signature>{_ONE}{{{SIGNATURE_LENGTH}}})(?![0-9A-Z])"
)


@dataclass(frozen=True)
class Token:
    """A token as it was read; whether the signature fits is not decided here."""

    code: str
    signature: str
    is_marked: bool = False

    def __str__(self) -> str:
        return f"{self.code}-{self.signature}"


def encoded(digest: bytes) -> str:
    """Write the first bits of a digest in the symbols of a signature."""
    bits = int.from_bytes(digest, "big") >> (len(digest) * 8 - SIGNATURE_LENGTH * 5)
    return "".join(
        SYMBOLS[bits >> 5 * place & 31] for place in reversed(range(SIGNATURE_LENGTH))
    )


def parsed(text: str) -> Token | None:
    """Return the token that the text is, None where it is none."""
    found = _TOKEN.fullmatch(_plain(text).strip())
    return Token(found["code"], found["signature"]) if found else None


def found_in(text: str) -> list[Token]:
    """Return everything in a message that has the shape of a token, in order."""
    return [
        Token(found["code"], found["signature"], is_marked=bool(found["mark"]))
        for found in _TOKEN.finditer(_plain(text))
    ]


def _plain(text: str) -> str:
    """Bring full-width signs, small letters, odd hyphens and misreadings to one form.

    The hyphens go first: their compatibility forms are not plain hyphens.
    """
    plain = unicodedata.normalize("NFKC", _HYPHENS.sub("-", text)).upper()
    return _HYPHENS.sub("-", plain).translate(_MISREAD)
