"""LINE's limits, and text as a reader counts it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linebot.v3.messaging import PushMessageRequest

from apps.channels.line import lengths, messages
from apps.channels.line.messages import ProductCard, Sender
from apps.core.errors import Refused

FAMILY = "👨‍👩‍👧"
WAVE = "👋🏽"
FLAG = "🇹🇼"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
COAT = ProductCard(
    name="羊毛混紡長大衣",
    price=4280,
    list_price=5280,
    note="駝、炭灰，S 到 L",
    url="https://brand.example/l/a1b2c3",
    picture_url="https://brand.example/media/coat.png",
)


@pytest.mark.parametrize(
    ("words", "count"),
    [("", 0), ("abc", 3), ("晴川", 2), ("😀", 2), (FAMILY, 8), (FLAG, 4), ("𠮷", 2)],
)
def test_line_counts_utf_16_units(words: str, count: int) -> None:
    assert lengths.units(words) == count


@pytest.mark.parametrize(
    ("words", "clusters"),
    [
        ("王小美", ["王", "小", "美"]),
        (f"a{FAMILY}b", ["a", FAMILY, "b"]),
        (f"{WAVE}{FLAG}{FLAG}", [WAVE, FLAG, FLAG]),
        ("e\u0301x", ["é", "x"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("葛\U000e0100城", ["葛\U000e0100", "城"]),
        (
            "🏴\U000e0067\U000e0062\U000e007f!",
            ["🏴\U000e0067\U000e0062\U000e007f", "!"],
        ),
        ("", []),
    ],
)
def test_a_grapheme_stays_whole(words: str, clusters: list[str]) -> None:
    assert list(lengths.graphemes(words)) == clusters


@given(st.text(max_size=60), st.integers(0, 30))
def test_a_cut_fits_and_is_the_beginning(words: str, most: int) -> None:
    words = "".join(lengths.graphemes(lengths.clean(words)))
    cut = lengths.cut(words, most)

    assert lengths.units(cut) <= most
    assert words.startswith(cut)
    assert len(cut) <= most


@given(st.text(st.characters(), max_size=60))
def test_clean_text_can_be_stored_and_sent(words: str) -> None:
    clean = lengths.clean(words)

    assert "\x00" not in clean
    clean.encode("utf-8")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("王小美", "王小美"),
        ("  王小美 ", "王小美"),
        ("羽" * 21, "羽" * 20),
        (f"{'羽' * 19}{FAMILY}", "羽" * 19),
        ("Caroline", "Caroline"),
        ("Celine Wu", "Celine Wu"),
    ],
)
def test_a_sender_fits_the_limit(words: str, name: str) -> None:
    assert Sender(words).name == name


@pytest.mark.parametrize(
    "words", ["LINE", "LINE客服", "line 小美", "官方Ｌｉｎｅ", "小Line"]
)
def test_a_sender_never_passes_for_line(words: str) -> None:
    with pytest.raises(Refused) as refused:
        Sender(words)

    assert refused.value.code == "sender_name"


def test_a_text_bears_its_sender() -> None:
    icon = "https://brand.example/faces/7.png"

    assert messages.text("您好", Sender("王小美", icon)) == {
        "type": "text",
        "text": "您好",
        "sender": {"name": "王小美", "iconUrl": icon},
    }
    assert messages.text("您好") == {"type": "text", "text": "您好"}
    assert "sender" not in messages.text("您好", Sender(""))


@pytest.mark.parametrize(
    ("words", "code"),
    [("", "empty"), (" \n", "empty"), ("\x00", "empty"),
     ("x" * 5_001, "too_long"), ("😀" * 2_501, "too_long")],
)  # fmt: skip
def test_a_text_beyond_the_limits_is_refused(words: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        messages.text(words)

    assert refused.value.code == code


@pytest.mark.parametrize("words", ["x" * 5_000, "😀" * 2_500])
def test_a_text_at_the_limit_is_taken(words: str) -> None:
    assert messages.text(words)["text"] == words


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [words for each in part for words in _texts(each)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if part.get("type") == "text" else []
    return own + [words for each in part.values() for words in _texts(each)]


def test_a_card_shows_name_note_and_both_prices() -> None:
    card = messages.product_card(COAT, Sender("王小美"))

    assert _texts(card) == [
        "羊毛混紡長大衣",
        "駝、炭灰，S 到 L",
        "NT$4,280",
        "NT$5,280",
    ]
    assert card["altText"] == "羊毛混紡長大衣 NT$4,280"
    assert json.dumps(card).count(COAT.url) == 2  # the picture and the button


@pytest.mark.parametrize(
    "card",
    [
        ProductCard("襪子", 90, "https://brand.example/l/a"),
        ProductCard("", 90, "https://brand.example/l/a", note="\x00"),
        ProductCard("平價", 90, "https://brand.example/l/a", list_price=90),
    ],
)
def test_a_card_leaves_out_what_is_not_there(card: ProductCard) -> None:
    message = messages.product_card(card)

    assert "hero" not in message["contents"]
    assert all(_texts(message))
    assert len(_texts(message)) == 2


def test_cards_stand_side_by_side_up_to_twelve() -> None:
    carousel = messages.product_carousel([COAT] * 12)

    assert len(carousel["contents"]["contents"]) == 12
    assert lengths.units(carousel["altText"]) <= 400
    assert messages.product_carousel([COAT]) == messages.product_card(COAT)
    for number in (0, 13):
        with pytest.raises(Refused):
            messages.product_carousel([COAT] * number)


def test_a_card_too_large_for_line_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        messages.product_card(ProductCard("衣" * 12_000, 1, "https://brand.example/l"))

    assert refused.value.code == "card_too_large"


def test_an_address_too_long_for_line_is_a_defect() -> None:
    with pytest.raises(ValueError, match="longer"):
        messages.product_card(ProductCard("衣", 1, "https://b.example/" + "x" * 1_000))


COUPON = messages.CouponCard(
    "店員專屬折 150",
    "折 NT$150",
    "2026/12/31 前可用",
    "https://brand.example/m/coupons/7/",
)


def test_a_coupon_card_leads_to_its_page_and_names_its_worth() -> None:
    message = messages.coupon_card(COUPON)
    assert message["altText"] == "店員專屬折 150 折 NT$150"
    assert message["contents"]["footer"]["contents"][0]["action"]["uri"] == COUPON.url
    with pytest.raises(ValueError, match="longer than LINE allows"):
        messages.coupon_card(messages.CouponCard("x", "y", "z", "https://" + "a" * 999))


@pytest.mark.parametrize(
    "message",
    [
        messages.text("您好", Sender("王小美", "https://brand.example/f.png")),
        messages.product_card(COAT, Sender("王小美")),
        messages.product_carousel([COAT] * 3),
        messages.coupon_card(COUPON, Sender("王小美")),
    ],
)
def test_the_sdk_knows_every_property_that_we_use(message: dict[str, Any]) -> None:
    """Its models add defaults of their own; dropping any of ours would be a typo."""
    request = {"to": "U" + "0" * 32, "messages": [message]}

    known = PushMessageRequest.from_dict(request).to_dict()

    assert _missing(request, known) == []


def _missing(ours: Any, theirs: Any, path: str = "") -> list[str]:
    if isinstance(ours, dict):
        gone = [f"{path}.{key}" for key in ours if key not in theirs]
        kept = [key for key in ours if key in theirs]
        deeper = [_missing(ours[key], theirs[key], f"{path}.{key}") for key in kept]
        return gone + [each for found in deeper for each in found]
    if isinstance(ours, list):
        pairs = zip(ours, theirs, strict=True)
        found = [_missing(a, b, f"{path}[{n}]") for n, (a, b) in enumerate(pairs)]
        return [each for inner in found for each in inner]
    return [] if ours == theirs else [path]
