"""Template messages drawn as the Flex cards that look like them."""

from typing import Any


def as_flex(template: dict[str, Any]) -> dict[str, Any]:
    """Return a Flex container for a buttons, confirm or carousel template."""
    columns = template.get("columns")
    if columns is None:
        return _card(template)
    return {"type": "carousel", "contents": [_card(column) for column in columns]}


def _card(column: dict[str, Any]) -> dict[str, Any]:
    """Return the bubble of one column; an image carousel's has a picture alone."""
    picture = column.get("thumbnailImageUrl") or column.get("imageUrl")
    words = [
        {"type": "text", "text": column[key], "wrap": True, "weight": weight}
        for key, weight in (("title", "bold"), ("text", "regular"))
        if column.get(key)
    ]
    bubble: dict[str, Any] = {"type": "bubble", "size": "kilo"}
    if picture:
        bubble["hero"] = {
            "type": "image",
            "url": picture,
            "size": "full",
            "aspectRatio": "151:100",
            "aspectMode": "cover",
            "action": column.get("action"),
        }
    if words:
        bubble["body"] = {
            "type": "box",
            "layout": "vertical",
            "spacing": "sm",
            "contents": words,
        }
    if actions := column.get("actions"):
        bubble["footer"] = {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "button", "height": "sm", "action": action}
                for action in actions
            ],
        }
    return bubble
