"""Which verb an event of LINE calls: the whole table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.channels.models import Account
from apps.conversations import services as conversations
from apps.conversations.models import Message
from apps.members import services as members
from apps.members.models import Identity


@dataclass(frozen=True)
class Arrival:
    """An event with what the envelope says of it; `ref` is its row."""

    account: Account
    user_id: str
    event: dict[str, Any]
    at: datetime
    received_at: datetime
    ref: int


@dataclass(frozen=True)
class Routed:
    """Whether a verb took the event, and the rows whose words are to be wiped."""

    taken: bool
    wiped: tuple[int, ...] = ()


IGNORED = Routed(taken=False)
DONE = Routed(taken=True)


Verb = Callable[[Arrival, datetime], Routed]


def route(arrival: Arrival, *, now: datetime) -> Routed:
    """Hand the event to its verb, inside the caller's transaction.

    Groups and rooms are no customer, and an event without a user is nobody's act:
    both stay stored and are ignored.
    """
    source = arrival.event.get("source")
    if not isinstance(source, dict) or source.get("type") != "user":
        return IGNORED
    verb = verb_of(arrival.event)
    return verb(arrival, now) if verb and arrival.user_id else IGNORED


def verb_of(event: dict[str, Any]) -> Verb | None:
    """Return what is done with an event of that shape; None: stored and ignored.

    So are delivery receipts, beacons, the ends of videos, memberships, comings and
    goings in groups, module events, and every type that LINE has invented since.
    """
    match event:
        case {"type": "message", "message": dict()}:
            return _messaged
        case {"type": "messageEdited", "message": dict()}:
            return _edited
        case {"type": "unsend", "unsend": dict()}:
            return _unsent
        case {"type": "follow"}:
            return _followed
        case {"type": "unfollow"}:
            return _unfollowed
        case {"type": "postback", "postback": dict()}:
            return _posted_back
        case {"type": "accountLink", "link": {"result": "ok"}}:
            return _linked
    return None


def _person(arrival: Arrival, now: datetime) -> Identity:
    return members.meet_line_user(arrival.account, arrival.user_id, now=now)


def _messaged(arrival: Arrival, now: datetime) -> Routed:
    message = conversations.receive(
        _person(arrival, now),
        arrival.event,
        now=now,
        at=arrival.at,
        received_at=arrival.received_at,
        event_ref=arrival.ref,
    )
    return _kept(message, arrival)


def _edited(arrival: Arrival, now: datetime) -> Routed:
    message = conversations.edit(_person(arrival, now), arrival.event, now=now)
    return _kept(message, arrival)


def _kept(message: Message | None, arrival: Arrival) -> Routed:
    """A message that was taken back before its event came is wiped here as well."""
    if message is None:
        return IGNORED
    return Routed(taken=True, wiped=(arrival.ref,) if message.unsent_at else ())


def _unsent(arrival: Arrival, now: datetime) -> Routed:
    message = conversations.unsend(
        _person(arrival, now), arrival.event, now=now, at=arrival.at
    )
    if message is None:
        return IGNORED
    return Routed(taken=True, wiped=(message.event_ref,) if message.event_ref else ())


def _followed(arrival: Arrival, now: datetime) -> Routed:
    conversations.follow(
        _person(arrival, now), arrival.event,
        now=now, at=arrival.at, received_at=arrival.received_at,
    )  # fmt: skip
    return DONE


def _unfollowed(arrival: Arrival, now: datetime) -> Routed:
    conversations.unfollow(_person(arrival, now), now=now, at=arrival.at)
    return DONE


def _posted_back(arrival: Arrival, now: datetime) -> Routed:
    conversations.press(
        _person(arrival, now), arrival.event,
        now=now, at=arrival.at, received_at=arrival.received_at,
    )  # fmt: skip
    return DONE


def _linked(arrival: Arrival, now: datetime) -> Routed:
    conversations.link_account(_person(arrival, now), now=now, at=arrival.at)
    return DONE
