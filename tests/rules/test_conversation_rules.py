"""What the inbox decides, as tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.conversations.rules import incoming, links, waiting
from apps.conversations.rules.desks import Desk, DeskFacts, choose_desk
from apps.core.text import REPLACEMENT, clean, clean_json

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
OPEN_HOLDER = {"holder_id": 9, "holder_store_id": 3}


@pytest.mark.parametrize(
    ("facts", "desk"),
    [
        ({}, Desk("hq", None, None, "unbound")),
        (
            {"bound_staff_id": 4, "bound_store_id": 2, "is_active": True,
             "is_posted": True},
            Desk("staff", 4, 2, "bound"),
        ),
        (
            {"bound_staff_id": 4, "bound_store_id": 2, "is_posted": True},
            Desk("hq", None, 2, "inactive"),
        ),
        (
            {"bound_staff_id": 4, "bound_store_id": 2, "is_active": True},
            Desk("hq", None, 2, "not_posted"),
        ),
        (OPEN_HOLDER, Desk("staff", 9, 3, "taken_over")),
        (
            {**OPEN_HOLDER, "bound_staff_id": 4, "bound_store_id": 2,
             "is_active": True, "is_posted": True},
            Desk("staff", 9, 3, "taken_over"),
        ),
    ],
)  # fmt: skip
def test_the_desk_and_its_reason(facts: dict[str, Any], desk: Desk) -> None:
    assert choose_desk(DeskFacts(**facts)) == desk


@pytest.mark.parametrize(
    ("minutes", "level"),
    [(None, "calm"), (0, "calm"), (29, "calm"), (30, "warn"), (59, "warn"),
     (60, "late"), (119, "late"), (120, "lost"), (719, "lost"), (720, "missed")],
)  # fmt: skip
def test_how_bad_a_wait_is(minutes: int | None, level: str) -> None:
    since = None if minutes is None else NOON - timedelta(minutes=minutes, seconds=59)
    assert waiting.minutes_waited(since, NOON) == minutes
    assert waiting.level(minutes) == level


def test_a_wait_that_begins_in_the_future_is_none_yet() -> None:
    assert waiting.minutes_waited(NOON + timedelta(minutes=3), NOON) == 0


@pytest.mark.parametrize(
    ("message", "kind", "text", "wants_media"),
    [
        ({"type": "text", "text": "嗨"}, "text", "嗨", False),
        ({"type": "text"}, "text", "", False),
        ({"type": "text", "text": 7}, "text", "", False),
        ({"type": "image", "contentProvider": {"type": "line"}}, "image", "", True),
        ({"type": "image", "contentProvider": {"type": "external"}}, "image", "",
         False),
        ({"type": "image"}, "image", "", True),
        ({"type": "image", "contentProvider": "x"}, "image", "", True),
        ({"type": "file", "fileName": "a.pdf"}, "file", "a.pdf", True),
        ({"type": "sticker", "keywords": ["a", 1]}, "sticker", "", False),
        ({"type": "sticker", "keywords": "x", "text": "謝"}, "sticker", "謝", False),
        ({"type": "location", "title": "店", "address": "台北"}, "location", "店 台北",
         False),
        ({"type": "hologram"}, "other", "", False),
        ({"type": None}, "other", "", False),
        ({}, "other", "", False),
    ],
)  # fmt: skip
def test_what_is_kept_of_a_message(
    message: dict[str, Any],
    kind: str,
    text: str,
    wants_media: bool,  # noqa: FBT001  (a column of the table)
) -> None:
    read = incoming.read(message)
    assert (read.kind, read.text, read.wants_media) == (kind, text, wants_media)


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [("123", "123"), (123, "123"), (None, None), ("", None), ("../x", None),
     ("a\x00", None), (True, None), ("9" * 41, None), (["1"], None)],
)  # fmt: skip
def test_the_id_of_a_message(given_id: object, kept: str | None) -> None:
    assert incoming.message_id({"id": given_id}) == kept


shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats()
    | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec=None), max_size=6), inner,
                      max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["type", "text", "id", "keywords", "contentProvider", "title",
                         "latitude", "fileSize", "imageSet", "packageId"]),
        shapes | st.sampled_from(["text", "image", "sticker", "location", "file"]),
    )
)  # fmt: skip
def test_any_message_is_read_and_can_be_stored(message: dict[str, Any]) -> None:
    read = incoming.read(message)
    assert clean(read.text) == read.text
    assert clean_json(read.facts) == read.facts
    assert len(read.preview) <= incoming.PREVIEW_LENGTH


@given(shapes)
def test_cleaning_twice_changes_nothing_more(value: Any) -> None:
    once = clean_json(value)
    assert clean_json(once) == once


def test_cleaning_keeps_what_can_be_stored() -> None:
    assert clean("a\x00b\ud800c😀") == f"a{REPLACEMENT}b{REPLACEMENT}c😀"
    assert clean("abcdef", 3) == "abc"
    assert clean_json({"\x00": [float("nan"), 1e400, 2]}) == {
        REPLACEMENT: [None, None, 2]
    }


SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("看 https://shop.example/products/coat，很美", ["/products/coat"]),
        ("(https://shop.example/a.) https://shop.example/a", ["/a"]),
        ("https://shop.example.evil.tw/a", []),
        ("http://shop.example/a", []),
        ("https://evil.tw/?u=https://shop.example/a", []),
        ("https://[broken", []),
        ("shop.example/a", []),
    ],
)
def test_the_shops_own_addresses_in_a_text(text: str, found: list[str]) -> None:
    ours = links.own_addresses(text, SHOP)
    assert [links.path_of(each) for each in ours] == found


def test_an_address_is_replaced_where_it_stands() -> None:
    text = "看 https://shop.example/a, 或 https://else.tw/b。"
    swapped = links.replace_addresses(
        text, lambda each: "X" if each.startswith(SHOP) else each
    )
    assert swapped == "看 X, 或 https://else.tw/b。"


def test_without_a_shop_nothing_is_ours() -> None:
    assert links.own_addresses("https://shop.example/a", "") == []
