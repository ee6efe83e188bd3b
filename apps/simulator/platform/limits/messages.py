"""Limits of message objects: what LINE refuses in a body that its schema allows."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from apps.simulator.platform.answers import Problem
from apps.simulator.platform.limits.actions import TEMPLATE_LABEL, check_action
from apps.simulator.platform.limits.flex import ALT_TEXT, check_flex
from apps.simulator.platform.limits.measures import Spot, count, length, media_url
from apps.simulator.platform.limits.templates import check_imagemap, check_template

TEXT = 5000
EMOJIS = 20
SUBSTITUTIONS = 100
QUICK_REPLIES = 13
PLACE = 100
SENDER = 20
RESERVED_NAME = re.compile(r"line", re.IGNORECASE)
UNIT = re.compile(r"[A-Za-z0-9_]{1,30}")


def check_messages(messages: Sequence[dict[str, Any]]) -> list[Problem]:
    """Return what is wrong with message objects that the schema has passed."""
    found: list[Problem] = []
    for message in Spot(list(messages), "messages").each():
        found += [
            *_by_kind(message),
            *_sender(message.get("sender")),
            *_quick_reply(message.get("quickReply")),
        ]
    return found


def check_units(names: Sequence[str] | None) -> list[Problem]:
    """Return what is wrong with the names of aggregation units (one, 30 letters)."""
    spot = Spot(names, "customAggregationUnits")
    bad = [
        Problem("invalid aggregation unit", name.path)
        for name in spot.each()
        if not UNIT.fullmatch(str(name.value))
    ]
    return [*count(spot, 1), *bad]


def _by_kind(message: Spot) -> Iterator[Problem]:
    check = KINDS.get(message.value["type"])
    if check:
        yield from check(message)
    yield from length(message.get("altText"), ALT_TEXT, least=1)


def _text(message: Spot) -> Iterator[Problem]:
    yield from length(message.get("text"), TEXT, least=1)
    yield from count(message.get("emojis"), EMOJIS)
    substitution = message.get("substitution")
    if substitution.value is not None:
        yield from count(substitution, SUBSTITUTIONS)


def _media(message: Spot) -> Iterator[Problem]:
    yield from media_url(message.get("originalContentUrl"))
    yield from media_url(message.get("previewImageUrl"))


def _location(message: Spot) -> Iterator[Problem]:
    yield from length(message.get("title"), PLACE, least=1)
    yield from length(message.get("address"), PLACE, least=1)


def _flex(message: Spot) -> Iterator[Problem]:
    return check_flex(message.get("contents"))


def _template(message: Spot) -> Iterator[Problem]:
    return check_template(message.get("template"))


def _sender(sender: Spot) -> Iterator[Problem]:
    yield from length(sender.get("name"), SENDER)
    if RESERVED_NAME.search(str(sender.get("name").value or "")):
        yield Problem("invalid sender name", f"{sender.path}.name")
    yield from media_url(sender.get("iconUrl"))


def _quick_reply(quick_reply: Spot) -> Iterator[Problem]:
    items = quick_reply.get("items")
    yield from count(items, QUICK_REPLIES, least=1)
    for item in items.each():
        yield from media_url(item.get("imageUrl"))
        yield from check_action(item.get("action"), TEMPLATE_LABEL, labelled=True)


KINDS: dict[str, Callable[[Spot], Iterator[Problem]]] = {
    "text": _text,
    "textV2": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "location": _location,
    "flex": _flex,
    "template": _template,
    "imagemap": check_imagemap,
}
