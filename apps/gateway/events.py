"""Read a LINE webhook body without believing a word of it.

Old, new and strange bodies are normal: unknown types, missing fields, events of
several users in one body. Nothing here raises, whatever comes in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from apps.core.text import clean

# LINE promises a ULID. Whatever else stands there may be shared by several events.
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.IGNORECASE)
FROM_AHEAD = timedelta(minutes=1)


@dataclass(frozen=True)
class Received:
    """An event as it is stored. `fault` is why it can never be routed, if it cannot."""

    event_id: str
    user_id: str
    type: str
    occurred_at: datetime
    body: bytes
    fault: str = ""


def read(body: bytes, *, now: datetime) -> list[Received]:
    """Return the events of a signed body, in the order in which they are locked.

    Bodies that share events are inserted in the same order of ids, so that two
    deliveries of them never wait for each other in a circle. Events of one body keep
    their order by a microsecond each, which LINE's milliseconds leave free.
    """
    try:
        events = enumerate(json.loads(body).get("events") or [])
        received = [_event(event, position, now=now) for position, event in events]
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        return [_unreadable(body, error, now=now)]
    return sorted(received, key=lambda each: each.event_id)


def unpack(body: bytes) -> dict[str, Any]:
    """Return the stored event; a body that cannot be read is an empty one."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _event(event: Any, position: int, *, now: datetime) -> Received:
    packed = json.dumps(event, separators=(",", ":")).encode()
    if not isinstance(event, dict):
        return _unreadable(packed, TypeError("an event is no object"), now=now)
    source = event.get("source")
    return Received(
        event_id=_id_of(event),
        user_id=_word(source.get("userId") if isinstance(source, dict) else "", 64),
        type=_word(event.get("type"), 40),
        occurred_at=_moment(event.get("timestamp"), now)
        + timedelta(microseconds=min(position, 999)),
        body=packed,
    )


def _id_of(event: dict[str, Any]) -> str:
    """Return LINE's id, or one made from the event where that can name two events.

    A redelivery differs in `deliveryContext` only, which is left out.
    """
    given = event.get("webhookEventId")
    if isinstance(given, str) and ULID.fullmatch(given):
        return given
    said = {key: value for key, value in event.items() if key != "deliveryContext"}
    digest = sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return f"{_word(given, 30)}~{digest[:32]}"


def _unreadable(body: bytes, error: Exception, *, now: datetime) -> Received:
    return Received(
        event_id=f"~{sha256(body).hexdigest()[:32]}",
        user_id="",
        type="",
        occurred_at=now,
        body=body,
        fault=clean(f"{type(error).__name__}: {error}", 300),
    )


def _word(value: object, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _moment(value: object, now: datetime) -> datetime:
    """Return LINE's milliseconds as a moment; the present where they make no sense."""
    if not isinstance(value, int) or isinstance(value, bool):
        return now
    try:
        moment = datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    if moment > now + FROM_AHEAD or moment.year < 2011:
        return now
    return moment
