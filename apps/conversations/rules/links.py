"""Find the shop's own addresses in what a salesperson writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

ADDRESS = re.compile(r"https?://[^\s<>\"'，。、；！？（）「」]+")
TRAILING = ".,;:!?)]}"


def own_addresses(text: str, shop: str) -> list[str]:
    """Return the addresses in the text that lie in the shop, each once, in order."""
    home = urlsplit(shop)
    found = [_trimmed(match.group()) for match in ADDRESS.finditer(text)]
    ours = [each for each in found if home.netloc and _site(each) == _site(shop)]
    return list(dict.fromkeys(ours))


def replace_addresses(text: str, tracked: Callable[[str], str]) -> str:
    """Return the text with each address replaced by what `tracked` answers for it."""

    def swap(match: re.Match[str]) -> str:
        address = _trimmed(match.group())
        return tracked(address) + match.group()[len(address) :]

    return ADDRESS.sub(swap, text)


def path_of(address: str) -> str:
    """Return the path of an address, as the catalogue keeps it."""
    return urlsplit(address).path


def _trimmed(address: str) -> str:
    return address.rstrip(TRAILING)


def _site(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ("", "")
    return parts.scheme, parts.netloc.lower()
