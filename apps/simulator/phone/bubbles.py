"""The bubbles of a chat, made ready for the template."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.core import clock
from apps.simulator.models import ChatMessage
from apps.simulator.phone import flex, templates
from apps.simulator.phone.taps import Tap, Tapper

LINK = re.compile(r"https?://[^\s<>\"'、。，）]+")
SHOWN = 80
STICKERS = {
    "1988": "(^▽^)/",
    "1989": "(^_-)☆",
    "1990": "(´∀｀)",
    "1991": "m(_ _)m",
    "1993": "(>_<)",
    "2003": "p(^-^)q",
}


@dataclass(frozen=True)
class Piece:
    """A piece of text, and what happens on a tap if it is an address."""

    text: str
    tap: Tap | None = None


@dataclass(frozen=True)
class Shown:
    """One bubble: who said it, what to draw, what may be done with it."""

    row: ChatMessage
    day: date | None
    pieces: list[Piece] = field(default_factory=list)
    cards: list[flex.Bubble] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        """LINE's message object."""
        body: dict[str, Any] = self.row.body
        return body

    @property
    def sticker(self) -> str:
        """The face of one of the phone's own stickers."""
        return STICKERS.get(str(self.body.get("stickerId")), "")

    @property
    def sender(self) -> str:
        """The name that the account gave to this message."""
        return str((self.body.get("sender") or {}).get("name", ""))

    @property
    def face(self) -> str:
        """The picture that the account gave to this message."""
        return str((self.body.get("sender") or {}).get("iconUrl", ""))


def of(rows: Sequence[ChatMessage], tapper: Tapper) -> list[Shown]:
    """Return the bubbles, a day's heading with the first of each day."""
    days = [clock.day_of(row.at) for row in rows]
    before = [None, *days]
    return [
        Shown(
            row=row,
            day=day if day != earlier else None,
            pieces=_pieces(str(row.body.get("text") or ""), tapper),
            cards=_cards(row.body, tapper),
        )
        for row, day, earlier in zip(rows, days, before, strict=False)
    ]


def quick_replies(rows: Sequence[ChatMessage], tapper: Tapper) -> list[Tap]:
    """Return the quick replies of the last message; those of earlier ones are gone."""
    if not rows or rows[-1].is_from_user:
        return []
    items = (rows[-1].body.get("quickReply") or {}).get("items", [])
    return [tap for item in items if (tap := tapper(item.get("action")))]


def _cards(body: dict[str, Any], tapper: Tapper) -> list[flex.Bubble]:
    if body.get("type") == "flex":
        return flex.bubbles(body["contents"], tapper)
    if body.get("type") == "template":
        return flex.bubbles(templates.as_flex(body["template"]), tapper)
    return []


def _pieces(text: str, tapper: Tapper) -> list[Piece]:
    pieces, start = [], 0
    for link in LINK.finditer(text):
        pieces.append(Piece(text[start : link.start()]))
        pieces.append(Piece(link[0], tapper({"type": "uri", "uri": link[0]})))
        start = link.end()
    pieces.append(Piece(text[start:]))
    return [piece for piece in pieces if piece.text]
