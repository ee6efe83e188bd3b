"""Every refusal of a body, as a table: what is wrong, and what LINE calls it."""

from __future__ import annotations

from typing import Any

import pytest

from apps.simulator.models import ChatMessage, Person
from tests.simulator.conftest import HELLO, Line

LONG = "字" * 5001
LINK = {"type": "uri", "label": "看", "uri": "https://example.com/"}
SAY = {"type": "message", "label": "好", "text": "好"}


def text(**more: Any) -> dict[str, Any]:
    return {"type": "text", "text": "您好", **more}


def image(url: str) -> dict[str, Any]:
    preview = "https://example.com/p.png"
    return {"type": "image", "originalContentUrl": url, "previewImageUrl": preview}


def box(*contents: dict[str, Any]) -> dict[str, Any]:
    return {"type": "box", "layout": "vertical", "contents": list(contents)}


def bubble(*contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    words = contents or ({"type": "text", "text": "大衣"},)
    return {"type": "bubble", "body": box(*words), **more}


def flex(contents: dict[str, Any], alt: str = "大衣") -> dict[str, Any]:
    return {"type": "flex", "altText": alt, "contents": contents}


def carousel(*bubbles: dict[str, Any]) -> dict[str, Any]:
    return flex({"type": "carousel", "contents": list(bubbles)})


def button(action: dict[str, Any]) -> dict[str, Any]:
    return flex(bubble({"type": "button", "action": action}))


def buttons(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"type": "buttons", "text": "選一個", "actions": list(actions), **more}
    return {"type": "template", "altText": "選", "template": body}


def quick(*actions: dict[str, Any]) -> dict[str, Any]:
    items = [{"type": "action", "action": action} for action in actions]
    return text(quickReply={"items": items})


def place(title: str) -> dict[str, Any]:
    where = {"address": "台北市", "latitude": 25.0, "longitude": 121.5}
    return {"type": "location", "title": title, **where}


REFUSED = {
    "no type": ({"text": "x"}, "messages[0].type"),
    "unknown type": ({"type": "fax"}, "messages[0].type"),
    "text missing": ({"type": "text"}, "messages[0].text"),
    "text empty": (text(text=" "), "messages[0].text"),
    "text too long": (text(text=LONG), "messages[0].text"),
    "emoji count twice": (text(text="😀" * 2501), "messages[0].text"),
    "text of a number": (text(text=5), "messages[0].text"),
    "sender too long": (text(sender={"name": "林" * 21}), "messages[0].sender.name"),
    "sender LINE": (text(sender={"name": "LINE 客服"}), "messages[0].sender.name"),
    "icon http": (
        text(sender={"iconUrl": "http://example.com/a.png"}),
        "messages[0].sender.iconUrl",
    ),
    "image http": (image("http://example.com/a.jpg"), "messages[0].originalContentUrl"),
    "image not a url": (image("a.jpg"), "messages[0].originalContentUrl"),
    "image url long": (
        image("https://example.com/" + "a" * 2000),
        "messages[0].originalContentUrl",
    ),
    "14 quick replies": (quick(*[SAY] * 14), "messages[0].quickReply.items"),
    "quick reply label": (
        quick({**SAY, "label": "好" * 21}),
        "messages[0].quickReply.items[0].action.label",
    ),
    "no altText": ({"type": "flex", "contents": bubble()}, "messages[0].altText"),
    "altText long": (flex(bubble(), "字" * 1501), "messages[0].altText"),
    "13 bubbles": (carousel(*[bubble()] * 13), "messages[0].contents.contents"),
    "two widths": (
        carousel(bubble(size="kilo"), bubble(size="mega")),
        "messages[0].contents.contents",
    ),
    "bubble of 30 KB": (
        flex(bubble({"type": "text", "text": "字" * 10_001})),
        "messages[0].contents",
    ),
    "carousel of 50 KB": (
        carousel(*[bubble({"type": "text", "text": "字" * 5_000})] * 4),
        "messages[0].contents",
    ),
    "flex unknown field": (
        flex(bubble({"type": "text", "text": "x", "fontSize": "lg"})),
        "messages[0].contents.body.contents[0]",
    ),
    "flex bad layout": (
        flex(bubble({"type": "box", "layout": "grid", "contents": []})),
        "messages[0].contents.body.contents[0].layout",
    ),
    "flex empty text": (
        flex(bubble({"type": "text", "text": ""})),
        "messages[0].contents.body.contents[0].text",
    ),
    "flex image http": (
        flex(bubble({"type": "image", "url": "http://example.com/a.png"})),
        "messages[0].contents.body.contents[0].url",
    ),
    "flex label long": (
        button({**LINK, "label": "看" * 41}),
        "messages[0].contents.body.contents[0].action.label",
    ),
    "uri long": (
        button({**LINK, "uri": "https://example.com/" + "a" * 1000}),
        "messages[0].contents.body.contents[0].action.uri",
    ),
    "uri script": (
        button({**LINK, "uri": "javascript:alert(1)"}),
        "messages[0].contents.body.contents[0].action.uri",
    ),
    "postback data long": (
        button({"type": "postback", "label": "看", "data": "x" * 301}),
        "messages[0].contents.body.contents[0].action.data",
    ),
    "5 buttons": (buttons(*[SAY] * 5), "messages[0].template.actions"),
    "buttons text": (buttons(SAY, text="字" * 161), "messages[0].template.text"),
    "titled text": (
        buttons(SAY, title="大衣", text="字" * 61),
        "messages[0].template.text",
    ),
    "place title": (place("字" * 101), "messages[0].title"),
}


@pytest.mark.parametrize(("message", "where"), REFUSED.values(), ids=REFUSED)
def test_a_bad_message_is_refused_with_its_place(
    line: Line, friend: Person, message: dict[str, Any], where: str
) -> None:
    answer = line.push(friend.user_id, message)
    assert answer.status_code == 400
    said = answer.json()
    assert said["message"] == f"The request body has {len(said['details'])} error(s)"
    assert where in [detail["property"] for detail in said["details"]]
    assert all(detail["message"] for detail in said["details"])
    assert not ChatMessage.objects.exists()


TAKEN = {
    "5,000 units": text(text="😀" * 2500),
    "loopback picture": image("http://127.0.0.1:8000/media/a.png"),
    "named sender": text(
        sender={"name": "林怡君", "iconUrl": "http://localhost/a.png"}
    ),
    "13 quick replies": quick(*[SAY] * 13),
    "12 bubbles": carousel(*[bubble()] * 12),
    "link over plain http": button({**LINK, "uri": "http://example.com/"}),
    "telephone": button({**LINK, "uri": "tel:0223456789"}),
    "4 buttons": buttons(SAY, SAY, SAY, SAY),
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "place": place("台北中山店"),
}


@pytest.mark.parametrize("message", TAKEN.values(), ids=TAKEN)
def test_a_good_message_is_taken(
    line: Line, friend: Person, message: dict[str, Any]
) -> None:
    answer = line.push(friend.user_id, message)
    assert answer.status_code == 200, answer.content
    assert ChatMessage.objects.get().body == message


def test_more_than_five_messages_are_refused(line: Line, friend: Person) -> None:
    answer = line.push(friend.user_id, *[HELLO] * 6)
    assert answer.status_code == 400
    assert answer.json()["details"] == [
        {"message": "Size must be between 1 and 5", "property": "messages"}
    ]


def test_more_than_500_ids_are_refused(line: Line) -> None:
    body = {"to": [f"U{n:032x}" for n in range(501)], "messages": [HELLO]}
    answer = line("POST", "/v2/bot/message/multicast", body)
    assert answer.json()["details"][0]["property"] == "to"


@pytest.mark.parametrize("units", [["a-b"], ["x" * 31], ["a", "b"]])
def test_an_aggregation_unit_is_one_word(
    line: Line, friend: Person, units: list[str]
) -> None:
    body = {
        "to": friend.user_id,
        "messages": [HELLO],
        "customAggregationUnits": units,
    }
    assert line("POST", "/v2/bot/message/push", body).status_code == 400


def test_a_body_that_is_no_json_is_refused_with_its_place(line: Line) -> None:
    answer = line("POST", "/v2/bot/message/push", b'{"to": }')
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "The request body could not be parsed as JSON. line: 1, column: 8"
    )


def test_a_body_over_two_megabytes_is_413(line: Line) -> None:
    big = b'{"to": "' + b"x" * (2 * 1024 * 1024) + b'"}'
    assert line("POST", "/v2/bot/message/push", big).status_code == 413


def test_validation_says_the_same_and_sends_nothing(line: Line) -> None:
    path = "/v2/bot/message/validate/push"
    assert line("POST", path, {"messages": [HELLO]}).status_code == 200
    assert line("POST", path, {"messages": [text(text=LONG)]}).status_code == 400
    assert not ChatMessage.objects.exists()
