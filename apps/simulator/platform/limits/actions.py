"""Limits of actions: what a button, a menu area or a quick reply may do."""

from collections.abc import Iterator

from apps.simulator.platform.answers import Problem
from apps.simulator.platform.limits.measures import Spot, action_uri, length

TEMPLATE_LABEL = 20
FLEX_LABEL = 40
IMAGE_CAROUSEL_LABEL = 12
NEEDED = {
    "uri": ("uri",),
    "message": ("text",),
    "postback": ("data",),
    "datetimepicker": ("data", "mode"),
    "clipboard": ("clipboardText",),
    "richmenuswitch": ("richMenuAliasId", "data"),
}


def check_action(
    spot: Spot, label: int, *, labelled: bool = False
) -> Iterator[Problem]:
    """Refuse an action whose parts are missing or too long."""
    if not isinstance(spot.value, dict):
        return
    if labelled and not spot.value.get("label"):
        yield Problem("May not be empty", f"{spot.path}.label")
    for name in NEEDED.get(spot.value.get("type", ""), ()):
        if not spot.value.get(name):
            yield Problem("May not be empty", f"{spot.path}.{name}")
    yield from length(spot.get("label"), label)
    yield from action_uri(spot.get("uri"))
    yield from length(spot.get("data"), 300)
    yield from length(spot.get("text"), 300)
    yield from length(spot.get("displayText"), 300)
    yield from length(spot.get("clipboardText"), 1000)
