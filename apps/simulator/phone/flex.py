"""Flex messages made ready for a template: classes for words, checked CSS for values.

The page's policy forbids style attributes, so values that are not words (a colour, a
length, a ratio) travel as JSON in `data-css` and a small script sets them.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.phone.taps import Tap, Tapper

COLOUR = re.compile(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")
LENGTH = re.compile(r"-?\d{1,4}(?:\.\d{1,3})?(?:px|%)")
RATIO = re.compile(r"(\d{1,6}(?:\.\d+)?):(\d{1,6}(?:\.\d+)?)")
WORD = re.compile(r"[a-z0-9]{1,5}")
SPACES = {
    "none": "0px", "xs": "2px", "sm": "4px", "md": "8px", "lg": "12px",
    "xl": "16px", "xxl": "20px",
}  # fmt: skip
RADII = {"xs": "2px", "sm": "4px", "md": "8px", "lg": "12px", "xl": "16px"}
BORDERS = {
    "none": "0px", "light": "0.5px", "normal": "1px", "medium": "2px",
    "semi-bold": "3px", "bold": "4px",
}  # fmt: skip
TEXT_SIZES = {
    "xxs": "11px", "xs": "13px", "sm": "14px", "md": "16px", "lg": "19px",
    "xl": "22px", "xxl": "29px", "3xl": "35px", "4xl": "48px", "5xl": "74px",
}  # fmt: skip
IMAGE_SIZES = {
    "xxs": "40px", "xs": "60px", "sm": "80px", "md": "100px", "lg": "120px",
    "xl": "140px", "xxl": "160px", "3xl": "180px", "4xl": "200px", "5xl": "220px",
    "full": "100%",
}  # fmt: skip
ALIGN = {"start": "start", "end": "end", "center": "center"}
GRAVITY = {"top": "start", "bottom": "end", "center": "center"}
STRETCHING = {"horizontal": {"text", "image", "box", "button", "filler"}}


@dataclass(frozen=True)
class Node:
    """A component as the template draws it."""

    kind: str
    classes: str = ""
    css: str = "{}"
    text: str = ""
    url: str = ""
    tap: Tap | None = None
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Bubble:
    """One card: its width, and its blocks from top to bottom."""

    size: str
    blocks: list[Node]


def bubbles(contents: dict[str, Any], tapper: Tapper) -> list[Bubble]:
    """Return the cards of a Flex container, one for a bubble."""
    if contents.get("type") == "carousel":
        return [_bubble(one, tapper) for one in contents.get("contents", [])]
    return [_bubble(contents, tapper)]


def _bubble(bubble: dict[str, Any], tapper: Tapper) -> Bubble:
    styles = bubble.get("styles", {})
    blocks = []
    for name in ("header", "hero", "body", "footer"):
        if name not in bubble:
            continue
        colour = styles.get(name, {}).get("backgroundColor", "")
        css = {"background": colour} if COLOUR.fullmatch(colour) else {}
        blocks.append(
            Node(
                kind="block",
                classes=f"fx-{name}",
                css=json.dumps(css),
                children=[_node(bubble[name], "vertical", tapper)],
            )
        )
    return Bubble(size=bubble.get("size", "mega"), blocks=blocks)


def _node(part: dict[str, Any], within: str, tapper: Tapper) -> Node:
    kind = part.get("type", "")
    layout = part.get("layout", "vertical")
    return Node(
        kind=kind,
        classes=_classes(part, kind, within),
        css=json.dumps(_css(part, kind, within)),
        text=str(part.get("text", "")),
        url=str(part.get("url") or part.get("previewUrl") or ""),
        tap=tapper(part.get("action")),
        children=[_node(one, layout, tapper) for one in part.get("contents", [])],
    )


def _classes(part: dict[str, Any], kind: str, within: str) -> str:
    names = [f"fx-{kind}"]
    for key in ("layout", "weight", "decoration", "style", "height", "aspectMode"):
        value = str(part.get(key, ""))
        if re.fullmatch(r"[a-z-]{1,12}", value):
            names.append(f"fx-{key.lower()}-{value}")
    if part.get("wrap"):
        names.append("fx-wrap")
    if part.get("position") == "absolute":
        names.append("fx-absolute")
    if kind in STRETCHING.get(within, ()) and "flex" not in part:
        names.append("fx-stretch")
    if part.get("action"):
        names.append("fx-tappable")
    return " ".join(names)


def _css(part: dict[str, Any], kind: str, within: str) -> dict[str, str]:
    margin = "margin-left" if within in {"horizontal", "baseline"} else "margin-top"
    found = {
        "color": _colour(part.get("color")),
        "background": _colour(part.get("backgroundColor")),
        "border-color": _colour(part.get("borderColor")),
        "border-width": _size(part.get("borderWidth"), BORDERS),
        "border-radius": _size(part.get("cornerRadius"), RADII),
        "gap": _size(part.get("spacing"), SPACES),
        margin: _size(part.get("margin"), SPACES),
        "width": _size(part.get("width"), {}),
        "max-width": _size(part.get("maxWidth"), {}),
        "height": _size(part.get("height"), {}),
        "justify-content": _word(part.get("justifyContent")),
        "align-items": _word(part.get("alignItems")),
        **_paddings(part),
        **_sizes(part, kind),
        **_offsets(part),
    }
    if isinstance(part.get("flex"), int):
        found["flex"] = f"{part['flex']} {part['flex']} 0px" if part["flex"] else "none"
    if part.get("borderWidth"):
        found["border-style"] = "solid"
    return {name: value for name, value in found.items() if value}


def _sizes(part: dict[str, Any], kind: str) -> dict[str, str]:
    if kind == "image":
        ratio = RATIO.fullmatch(str(part.get("aspectRatio", "1:1")))
        return {
            "width": _size(part.get("size", "md"), IMAGE_SIZES),
            "aspect-ratio": f"{ratio[1]} / {ratio[2]}" if ratio else "1 / 1",
            "align-self": ALIGN.get(str(part.get("align", "center")), ""),
        }
    if kind == "icon":
        return {"width": _size(part.get("size", "md"), TEXT_SIZES)}
    if kind in {"text", "span"}:
        return {
            "font-size": _size(part.get("size"), TEXT_SIZES),
            "text-align": ALIGN.get(str(part.get("align", "")), ""),
            "align-self": GRAVITY.get(str(part.get("gravity", "")), ""),
            "line-clamp": str(int(part.get("maxLines") or 0) or ""),
        }
    return {}


def _paddings(part: dict[str, Any]) -> dict[str, str]:
    sides = {"All": "padding", "Top": "padding-top", "Bottom": "padding-bottom",
             "Start": "padding-left", "End": "padding-right"}  # fmt: skip
    return {
        css: _size(part.get(f"padding{side}"), SPACES) for side, css in sides.items()
    }


def _offsets(part: dict[str, Any]) -> dict[str, str]:
    sides = {"Top": "top", "Bottom": "bottom", "Start": "left", "End": "right"}
    return {
        css: _size(part.get(f"offset{side}"), SPACES) for side, css in sides.items()
    }


def _colour(value: object) -> str:
    return value if isinstance(value, str) and COLOUR.fullmatch(value) else ""


def _size(value: object, words: dict[str, str]) -> str:
    if not isinstance(value, str):
        return ""
    if LENGTH.fullmatch(value):
        return value
    return words.get(value, "") if WORD.fullmatch(value) or value in words else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) and value.replace("-", "").isalpha() else ""
