"""Limits of template messages and of imagemaps."""

from collections.abc import Iterator

from apps.simulator.platform.answers import Problem
from apps.simulator.platform.limits.actions import (
    IMAGE_CAROUSEL_LABEL,
    TEMPLATE_LABEL,
    check_action,
)
from apps.simulator.platform.limits.measures import Spot, count, length, media_url

IMAGEMAP_WIDTH = 1040


def check_template(template: Spot) -> Iterator[Problem]:
    """Refuse a template with too many columns, actions or words."""
    kind = (template.value or {}).get("type")
    if kind == "buttons":
        yield from _card(template, text=160, with_picture=60, actions=4)
    elif kind == "confirm":
        yield from length(template.get("text"), 240, least=1)
        yield from count(template.get("actions"), 2, least=2)
        yield from _actions(template)
    elif kind in {"carousel", "image_carousel"}:
        yield from count(template.get("columns"), 10, least=1)
        for column in template.get("columns").each():
            if kind == "carousel":
                yield from _card(column, text=120, with_picture=60, actions=3)
            else:
                yield from media_url(column.get("imageUrl"))
                yield from check_action(column.get("action"), IMAGE_CAROUSEL_LABEL)


def check_imagemap(message: Spot) -> Iterator[Problem]:
    """Refuse an imagemap of another width, or with too many areas."""
    yield from media_url(message.get("baseUrl"))
    if message.get("baseSize").get("width").value != IMAGEMAP_WIDTH:
        yield Problem(f"must be {IMAGEMAP_WIDTH}", f"{message.path}.baseSize.width")
    yield from count(message.get("actions"), 50)


def _card(
    card: Spot, *, text: int, with_picture: int, actions: int
) -> Iterator[Problem]:
    decorated = card.value.get("title") or card.value.get("thumbnailImageUrl")
    yield from length(card.get("title"), 40)
    yield from length(card.get("text"), with_picture if decorated else text, least=1)
    yield from media_url(card.get("thumbnailImageUrl"))
    yield from count(card.get("actions"), actions, least=1)
    yield from _actions(card)


def _actions(card: Spot) -> Iterator[Problem]:
    for action in card.get("actions").each():
        yield from check_action(action, TEMPLATE_LABEL, labelled=True)
