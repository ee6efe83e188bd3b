"""Limits of Flex messages: weight, number of bubbles, addresses of their pictures."""

from collections.abc import Iterator
from typing import Any

from apps.simulator.platform.answers import Problem
from apps.simulator.platform.limits.actions import FLEX_LABEL, check_action
from apps.simulator.platform.limits.measures import Spot, count, media_url, weight

ALT_TEXT = 1500
BUBBLE_BYTES = 30_000
CAROUSEL_BYTES = 50_000
BUBBLES = 12


def check_flex(contents: Spot) -> Iterator[Problem]:
    """Refuse a bubble or a carousel beyond LINE's limits."""
    if not isinstance(contents.value, dict):
        return
    if contents.value.get("type") == "carousel":
        yield from weight(contents, CAROUSEL_BYTES)
        yield from count(contents.get("contents"), BUBBLES, least=1)
        yield from _same_width(contents.get("contents"))
    else:
        yield from weight(contents, BUBBLE_BYTES)
    yield from _components(contents)


def _same_width(bubbles: Spot) -> Iterator[Problem]:
    sizes = {bubble.value.get("size", "mega") for bubble in bubbles.each()}
    if len(sizes) > 1:
        yield Problem("all bubbles must have the same size", bubbles.path)


def _components(spot: Spot) -> Iterator[Problem]:
    """Walk every component below, whatever it is nested in."""
    if isinstance(spot.value, list):
        for item in spot.each():
            yield from _components(item)
        return
    if not isinstance(spot.value, dict):
        return
    yield from _component(spot, spot.value)
    for key, inner in spot.value.items():
        if key != "action" and isinstance(inner, dict | list):
            yield from _components(Spot(inner, f"{spot.path}.{key}"))


def _component(spot: Spot, value: dict[str, Any]) -> Iterator[Problem]:
    kind = value.get("type")
    if kind in {"image", "icon", "video"}:
        yield from media_url(spot.get("url"))
        yield from media_url(spot.get("previewUrl"))
    if kind == "text" and not (value.get("text") or value.get("contents")):
        yield Problem("must be non-empty text", f"{spot.path}.text")
    yield from check_action(spot.get("action"), FLEX_LABEL, labelled=kind == "button")
