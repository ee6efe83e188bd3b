"""How LINE measures: UTF-16 units, bytes of JSON, addresses that it would accept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from apps.simulator.platform.answers import Problem

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
URL_LENGTH = 2000
ACTION_SCHEMES = {"http", "https", "line", "tel", "mailto", "sms"}


@dataclass(frozen=True)
class Spot:
    """A value of the body and where it stands."""

    value: Any
    path: str

    def get(self, key: str) -> "Spot":
        """Return the property below this one (its value may be None)."""
        inner = self.value.get(key) if isinstance(self.value, dict) else None
        return Spot(inner, f"{self.path}.{key}")

    def each(self) -> Iterator["Spot"]:
        """Yield the items of a list."""
        items = self.value if isinstance(self.value, list) else []
        for index, item in enumerate(items):
            yield Spot(item, f"{self.path}[{index}]")


def units(text: str) -> int:
    """Return the length in UTF-16 units, which is how LINE counts text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def length(spot: Spot, most: int, *, least: int = 0) -> Iterator[Problem]:
    """Refuse a text that is too long, or empty where it may not be."""
    if spot.value is None:
        return
    if least and not str(spot.value).strip():
        yield Problem("May not be empty", spot.path)
    elif units(str(spot.value)) > most:
        yield Problem(f"Length must be between {least} and {most}", spot.path)


def count(spot: Spot, most: int, *, least: int = 0) -> Iterator[Problem]:
    """Refuse a list with too many or too few items."""
    if spot.value is not None and not least <= len(spot.value) <= most:
        yield Problem(f"Size must be between {least} and {most}", spot.path)


def weight(spot: Spot, most_bytes: int) -> Iterator[Problem]:
    """Refuse a piece whose JSON is heavier than LINE takes."""
    raw = json.dumps(spot.value, ensure_ascii=False, separators=(",", ":"))
    if len(raw.encode("utf-8", "surrogatepass")) > most_bytes:
        yield Problem(f"JSON must be at most {most_bytes // 1000} KB", spot.path)


def media_url(spot: Spot) -> Iterator[Problem]:
    """Refuse an address that LINE's servers would not fetch from: not https, too long.

    An address of this machine may be plain http, or no demo could show a picture.
    """
    if spot.value is None:
        return
    if len(str(spot.value)) > URL_LENGTH:
        yield Problem(f"Length must be between 0 and {URL_LENGTH}", spot.path)
        return
    scheme, host = _parts(str(spot.value))
    if not host or (scheme != "https" and not (scheme == "http" and host in LOOPBACK)):
        yield Problem("invalid uri scheme", spot.path)


def action_uri(spot: Spot) -> Iterator[Problem]:
    """Refuse an address that a phone could not open."""
    if spot.value is None:
        return
    scheme, host = _parts(str(spot.value))
    if scheme not in ACTION_SCHEMES or (scheme in {"http", "https"} and not host):
        yield Problem("invalid uri", spot.path)
    else:
        yield from length(spot, 1000)


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), parts.hostname or ""
    except ValueError:
        return "", ""
