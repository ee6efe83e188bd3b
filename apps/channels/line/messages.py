"""Build LINE's message objects within LINE's limits."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.channels.line import lengths
from apps.core.errors import Refused

Message = dict[str, Any]

TEXT_UNITS = 5_000
MESSAGES_A_CALL = 5
SENDER_NAME_UNITS = 20
URL_LENGTH = 2_000
ACTION_URL_LENGTH = 1_000
ALT_TEXT_UNITS = 400  # 1,500 are allowed; older apps show no more than 400
LABEL_UNITS = 20
BUBBLE_BYTES = 30_000
CAROUSEL_BYTES = 50_000
CARDS = 12

# LINE refuses a sender that could be taken for LINE itself.
FORBIDDEN_NAME = re.compile(r"(?<![a-z])line(?![a-z])", re.IGNORECASE)

INK = "#1D1B18"
QUIET = "#6E675F"
ACCENT = "#2F5D50"


@dataclass(frozen=True)
class Sender:
    """Whose name and face the bubble shows; the chat stays the account's.

    The name is cut to 20. Raises Refused "sender_name" for a name with the word LINE.
    """

    name: str
    icon_url: str = ""

    def __post_init__(self) -> None:
        """Fit the name into LINE's limit."""
        name = lengths.clean(self.name).strip()
        if FORBIDDEN_NAME.search(unicodedata.normalize("NFKC", name)):
            raise Refused("sender_name", _("顯示名稱不能有 LINE 這個字"))
        object.__setattr__(self, "name", lengths.cut(name, SENDER_NAME_UNITS).strip())

    def facts(self) -> dict[str, str]:
        """Return LINE's shape of it, without what is empty."""
        facts = {"name": self.name, "iconUrl": self.icon_url}
        return {key: value for key, value in facts.items() if value}


@dataclass(frozen=True)
class ProductCard:
    """A product to show: `url` is the tracked link, `price` in whole NT$.

    `list_price` is struck through where it is higher; `note` is a line below the
    name, such as the colours in stock.
    """

    name: str
    price: int
    url: str
    picture_url: str = ""
    list_price: int | None = None
    note: str = ""
    label: str = "看商品"


@dataclass(frozen=True)
class CouponCard:
    """A coupon that was given: what it is worth, until when, and its page."""

    name: str
    worth: str
    until: str
    url: str
    label: str = "打開優惠券"


def text(words: str, sender: Sender | None = None) -> Message:
    """Return a text message.

    Raises Refused: "empty", "too_long" (5,000 UTF-16 units).
    """
    words = lengths.clean(words)
    if not words.strip():
        raise Refused("empty", _("請先輸入訊息"))
    if lengths.units(words) > TEXT_UNITS:
        raise Refused("too_long", _("訊息太長，最多 5,000 個字"))
    return _from({"type": "text", "text": words}, sender)


def product_card(card: ProductCard, sender: Sender | None = None) -> Message:
    """Return a Flex message with one product."""
    return _flex(_bubble(card), _alt_text([card]), sender, BUBBLE_BYTES)


def product_carousel(
    cards: Sequence[ProductCard], sender: Sender | None = None
) -> Message:
    """Return a Flex message with up to twelve products side by side.

    Raises Refused "too_many_cards".
    """
    if not 1 <= len(cards) <= CARDS:
        raise Refused("too_many_cards", _("一次最多放 12 件商品"))
    if len(cards) == 1:
        return product_card(cards[0], sender)
    carousel = {"type": "carousel", "contents": [_bubble(card) for card in cards]}
    return _flex(carousel, _alt_text(cards), sender, CAROUSEL_BYTES)


def coupon_card(card: CouponCard, sender: Sender | None = None) -> Message:
    """Return a Flex message with a coupon, whose button opens the coupon's page."""
    if len(card.url) > ACTION_URL_LENGTH:
        raise ValueError(f"the address of {card.name} is longer than LINE allows")
    action = {
        "type": "uri",
        "label": lengths.cut(card.label, LABEL_UNITS),
        "uri": card.url,
    }
    worth = {
        "type": "text", "text": _shown(card.worth), "weight": "bold", "size": "xl",
        "color": ACCENT, "wrap": True,
    }  # fmt: skip
    name = {
        "type": "text", "text": _shown(card.name), "weight": "bold", "color": INK,
        "wrap": True, "maxLines": 2,
    }  # fmt: skip
    until = {
        "type": "text", "text": _shown(card.until), "size": "sm", "color": QUIET,
        "wrap": True,
    }  # fmt: skip
    button = {
        "type": "button", "style": "primary", "height": "sm", "color": ACCENT,
        "action": action,
    }  # fmt: skip
    bubble = {
        "type": "bubble",
        "size": "kilo",
        "body": _box([worth, name, until], spacing="sm"),
        "footer": _box([button]),
    }
    alt_text = lengths.cut(f"{_shown(card.name)} {card.worth}", ALT_TEXT_UNITS)
    return _flex(bubble, alt_text, sender, BUBBLE_BYTES)


def _flex(
    contents: Message, alt_text: str, sender: Sender | None, most: int
) -> Message:
    size = len(json.dumps(contents, ensure_ascii=False).encode())
    if size > most:
        raise Refused("card_too_large", _("商品卡片的內容太多"))
    message = {"type": "flex", "altText": alt_text, "contents": contents}
    return _from(message, sender)


def _from(message: Message, sender: Sender | None) -> Message:
    facts = sender.facts() if sender else {}
    return {**message, "sender": facts} if facts else message


def _bubble(card: ProductCard) -> Message:
    if len(card.url) > ACTION_URL_LENGTH or len(card.picture_url) > URL_LENGTH:
        raise ValueError(f"an address of {card.name} is longer than LINE allows")
    action = {
        "type": "uri",
        "label": lengths.cut(card.label, LABEL_UNITS),
        "uri": card.url,
    }
    bubble: Message = {"type": "bubble", "size": "kilo"}
    if card.picture_url:
        bubble["hero"] = {
            "type": "image",
            "url": card.picture_url,
            "size": "full",
            "aspectRatio": "1:1",
            "aspectMode": "cover",
            "action": action,
        }
    bubble["body"] = _box([_words(card), *_note(card), _price(card)], spacing="sm")
    button = {
        "type": "button", "style": "primary", "height": "sm", "color": ACCENT,
        "action": action,
    }  # fmt: skip
    bubble["footer"] = _box([button])
    return bubble


def _box(contents: list[Message], **facts: str) -> Message:
    return {"type": "box", "layout": "vertical", "contents": contents, **facts}


def _words(card: ProductCard) -> Message:
    return {
        "type": "text", "text": _shown(card.name), "weight": "bold", "color": INK,
        "wrap": True, "maxLines": 2,
    }  # fmt: skip


def _note(card: ProductCard) -> list[Message]:
    if not lengths.clean(card.note).strip():
        return []
    return [
        {
            "type": "text", "text": _shown(card.note), "size": "sm", "color": QUIET,
            "wrap": True, "maxLines": 2,
        }
    ]  # fmt: skip


def _price(card: ProductCard) -> Message:
    prices: list[Message] = [
        {
            "type": "text", "text": _dollars(card.price), "weight": "bold",
            "color": INK, "flex": 0,
        }
    ]  # fmt: skip
    if card.list_price is not None and card.list_price > card.price:
        prices.append(
            {
                "type": "text", "text": _dollars(card.list_price), "size": "sm",
                "color": QUIET, "decoration": "line-through", "margin": "md",
            }
        )  # fmt: skip
    return {"type": "box", "layout": "baseline", "contents": prices}


def _alt_text(cards: Sequence[ProductCard]) -> str:
    """Return what a notification and the list of chats show."""
    shown = [f"{_shown(card.name)} {_dollars(card.price)}" for card in cards]
    return lengths.cut("、".join(shown), ALT_TEXT_UNITS)


def _shown(words: str) -> str:
    """LINE refuses an empty text in a card; a space is none."""
    return lengths.clean(words).strip() or "–"


def _dollars(amount: int) -> str:
    return f"NT${amount:,}"
