"""What staff are about to send: words and goods, their links made the writer's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink
from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.channels.line import messages as line
from apps.conversations.models import Conversation, Message
from apps.conversations.rules import links
from apps.conversations.services import binding
from apps.core import clock
from apps.core.errors import Refused
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store

MOST_CARDS = 10


@dataclass(frozen=True)
class Writer:
    """Who writes, and the store whose acts they are; HQ earns nothing by writing."""

    staff: Staff
    store: Store | None
    earns: bool


@dataclass(frozen=True)
class Draft:
    """A message as it will leave: the channel's objects, what is kept, its links."""

    objects: list[dict[str, Any]]
    text: str
    facts: dict[str, Any]
    kind: Message.Kind = Message.Kind.TEXT
    sent_links: Sequence[PromoLink] = ()


def writer_of(by: Staff, conversation: Conversation, now: datetime) -> Writer:
    """Return for which store they write: the conversation's, where they serve."""
    if by.is_hq:
        return Writer(by, None, earns=False)
    day = clock.day_of(now)
    store = conversation.store
    if store is None or not staff_services.serves_at(by, store, day):
        store = staff_services.main_store(by, day)
    return Writer(by, store, earns=store is not None)


def draft(
    writer: Writer,
    conversation: Conversation,
    text: str,
    goods: Sequence[Product],
    now: datetime,
) -> Draft:
    """Return the words and the goods as they will leave.

    Raises Refused: "too_many_cards".
    """
    if len(goods) > MOST_CARDS:
        raise Refused("too_many_cards", _("一次最多傳 10 件商品"))
    sender = binding.sender_of(writer.staff)
    sent: dict[str, PromoLink] = {}
    words = _with_own_links(writer, conversation, text, sent, now)
    objects = [line.text(words, sender)] if words or not goods else []
    facts: dict[str, Any] = {}
    kind = Message.Kind.PRODUCT if goods else Message.Kind.TEXT
    if goods:
        cards = [_card(writer, conversation, each, sent, now) for each in goods]
        shown = [_shown(*pair) for pair in zip(goods, cards, strict=True)]
        objects.append(line.product_carousel(cards, sender))
        facts = {**shown[0], "cards": shown}
    return Draft(objects, words, facts, kind, list(sent.values()))


def _card(
    writer: Writer,
    conversation: Conversation,
    product: Product,
    sent: dict[str, PromoLink],
    now: datetime,
) -> line.ProductCard:
    address = catalog.product_url(product)
    if writer.earns:
        address = _tracked(writer, conversation, product, address, sent, now)
    return line.ProductCard(
        name=product.name,
        price=product.price,
        url=address,
        picture_url=catalog.picture_url(product),
    )


def _shown(product: Product, card: line.ProductCard) -> dict[str, Any]:
    """Return what the thread shows of a card, whatever becomes of the product."""
    return {
        "product": product.code,
        "name": product.name,
        "price": product.price,
        "art": product.art,
        "hue": product.hue,
        "url": card.url,
    }


def _with_own_links(
    writer: Writer,
    conversation: Conversation,
    text: str,
    sent: dict[str, PromoLink],
    now: datetime,
) -> str:
    """Return the text with the shop's addresses made the writer's own links."""
    ours = links.own_addresses(text, settings.SHOP_URL)
    if not ours or not writer.earns:
        return text
    paths = {links.path_of(each) for each in ours}
    codes = {path.rstrip("/").rpartition("/")[2] for path in paths}
    found = Product.objects.filter(Q(path__in=paths) | Q(code__in=codes, path=""))
    by_address = {catalog.product_url(each): each for each in found}
    tracked = {
        each: _tracked(writer, conversation, by_address.get(each), each, sent, now)
        for each in ours
    }
    return links.replace_addresses(text, lambda each: tracked.get(each, each))


def _tracked(
    writer: Writer,
    conversation: Conversation,
    product: Product | None,
    address: str,
    sent: dict[str, PromoLink],
    now: datetime,
) -> str:
    link = attribution.make_link(
        writer.staff,
        writer.store,
        member=conversation.member,
        product=product,
        now=now,
        target=address,
    )
    sent[link.code] = link
    return f"{settings.PUBLIC_URL}/l/{link.code}"
