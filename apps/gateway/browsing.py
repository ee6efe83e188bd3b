"""What the site snippet says, read without believing a word of it.

A beacon is one visitor's latest acts. The script of some days ago, which browsers may
still keep, sends a single look at a page instead; that is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.attribution.models import CartEvent
from apps.attribution.rules.browsing import MOST_PIECES, MOST_SKUS
from apps.attribution.services import Browsed

MOST_EVENTS = 20  # of a beacon; what comes behind them is dropped
LONGEST = 400  # letters of a text
LOGIN = "login"
TEXTS = ("kind", "path", "product", "term")
CARTS = frozenset(CartEvent.Kind.values)
KINDS = CARTS | {"view", "search"}


@dataclass(frozen=True)
class Beacon:
    """What a visitor did, in order, and the token of a sign-in, if one came along."""

    visitor: str
    events: list[Browsed] = field(default_factory=list)
    token: str = ""


def read(body: bytes, *, now: datetime) -> Beacon | None:
    """Return what is sound of a beacon; nothing where that is nothing."""
    try:
        told = json.loads(body)
        visitor = told["visitor"]
        events = told.get("events", [{"kind": "view", **told}])
        acts = [each for each in events[:MOST_EVENTS] if isinstance(each, dict)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not _is_visitor(visitor):
        return None
    reference = _text(told, "reference")
    logins = [_text(each, "token") for each in acts if each.get("kind") == LOGIN]
    return Beacon(
        visitor,
        list(_browsed(acts, visitor, reference, now=now)),
        next(filter(None, logins), ""),
    )


def pieces_of(told: Any) -> dict[str, int] | None:
    """Return how many by SKU, None where that is not what it says."""
    if not isinstance(told, dict) or len(told) > MOST_SKUS:
        return None
    pieces = {str(sku)[:40]: count for sku, count in told.items()}
    sound = all(
        isinstance(count, int)
        and not isinstance(count, bool)
        and 0 <= count <= MOST_PIECES
        for count in pieces.values()
    )
    return pieces if sound and "" not in pieces else None


def _browsed(
    acts: list[dict[str, Any]], visitor: str, reference: str, *, now: datetime
) -> Iterator[Browsed]:
    """Yield the sound ones; a microsecond apart, so that they keep their order."""
    for place, act in enumerate(acts):
        kind, event_id = _text(act, "kind"), _uuid(act.get("id"))
        pieces = pieces_of(act.get("pieces")) if kind in CARTS else {}
        path = _text(act, "path")
        is_text = all(isinstance(act.get(name) or "", str) for name in TEXTS)
        if kind not in KINDS or pieces is None or event_id is None or not is_text:
            continue
        if kind == "view" and not path:
            continue
        yield Browsed(
            event_id=event_id,
            kind=kind,
            visitor=visitor,
            at=now + timedelta(microseconds=place),
            path=path,
            product_code=_text(act, "product"),
            reference=reference,
            term=_text(act, "term"),
            pieces=pieces,
        )


def _is_visitor(visitor: Any) -> bool:
    """Tell whether it is a name as the script makes them: hexadecimal and hyphens."""
    return (
        isinstance(visitor, str)
        and 8 <= len(visitor) <= 40
        and visitor.isascii()
        and visitor.replace("-", "").isalnum()
    )


def _text(act: Mapping[str, Any], name: str) -> str:
    value = act.get(name)
    return value[:LONGEST] if isinstance(value, str) else ""


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None
