"""Read what a customer sent, whatever shape it has; nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.core.text import clean, clean_json

LONGEST_TEXT = 10_000
PREVIEW_LENGTH = 120
MESSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


@dataclass(frozen=True)
class Incoming:
    """A message as it is kept; `wants_media` where its bytes lie with the channel."""

    kind: str
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    wants_media: bool = False

    @property
    def preview(self) -> str:
        """Return one line for the list; only texts have one of their own."""
        return " ".join(self.text.split())[:PREVIEW_LENGTH] if self.is_text else ""

    @property
    def is_text(self) -> bool:
        """Tell whether words are all there is."""
        return self.kind == "text"


def message_id(message: Mapping[str, Any]) -> str | None:
    """Return the channel's id of the message; None where it can be none."""
    given = message.get("id", message.get("messageId"))
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if isinstance(given, str) and MESSAGE_ID.fullmatch(given):
        return given
    return None


def read(message: Mapping[str, Any]) -> Incoming:
    """Return what is kept of a message of any type, known or not."""
    kind = message.get("type")
    match kind:
        case "text":
            return Incoming("text", _text(message.get("text")), _quoted(message))
        case "image" | "video" | "audio" | "file":
            return _media(kind, message)
        case "sticker":
            return _sticker(message)
        case "location":
            return _location(message)
        case _:
            return Incoming("other", facts={"type": _text(kind, 40)})


def _quoted(message: Mapping[str, Any]) -> dict[str, Any]:
    quoted = _text(message.get("quotedMessageId"), 40)
    return {"quoted": quoted} if quoted else {}


def _media(kind: str, message: Mapping[str, Any]) -> Incoming:
    """Only what the channel itself keeps is fetched; other addresses are only noted."""
    provider = message.get("contentProvider")
    source = provider if isinstance(provider, dict) else {}
    facts = {
        "url": _text(source.get("originalContentUrl"), 2_000),
        "duration": _number(message.get("duration")),
        "size": _number(message.get("fileSize")),
        "set": clean_json(message.get("imageSet")),
    }
    return Incoming(
        kind,
        _text(message.get("fileName"), 200),
        {name: value for name, value in facts.items() if value},
        wants_media=source.get("type", "line") == "line",
    )


def _sticker(message: Mapping[str, Any]) -> Incoming:
    keywords = message.get("keywords")
    words = [_text(word, 40) for word in keywords] if isinstance(keywords, list) else []
    facts = {
        "package": _text(message.get("packageId"), 20),
        "sticker": _text(message.get("stickerId"), 20),
        "keywords": [word for word in words[:15] if word],
    }
    return Incoming("sticker", _text(message.get("text"), 200), facts)


def _location(message: Mapping[str, Any]) -> Incoming:
    words = [_text(message.get(name), 200) for name in ("title", "address")]
    facts = {
        "latitude": _number(message.get("latitude")),
        "longitude": _number(message.get("longitude")),
    }
    return Incoming("location", " ".join(word for word in words if word), facts)


def _text(value: object, limit: int = LONGEST_TEXT) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None
