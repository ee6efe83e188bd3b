"""What staff do: answer, send goods, try again, keep a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink, Touch
from apps.catalog import services as catalog
from apps.catalog.models import Product
from apps.channels.line import messages as line
from apps.conversations.models import Conversation, Message
from apps.conversations.rules import incoming, links
from apps.conversations.services import binding, threads
from apps.core import clock
from apps.core.errors import Refused
from apps.core.text import clean
from apps.messaging import services as messaging
from apps.messaging.models import Delivery
from apps.staff import services as staff_services
from apps.staff.models import Staff
from apps.stores.models import Store

MOST_CARDS = 10
RETRYABLE = (
    Delivery.State.FAILED, Delivery.State.UNKNOWN, Delivery.State.CHANNEL_HOLD,
)  # fmt: skip


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
    sent_links: list[PromoLink]


@transaction.atomic
def reply(
    conversation: Conversation,
    *,
    client_id: UUID,
    by: Staff,
    now: datetime,
    text: str = "",
    product: Product | None = None,
    products: Sequence[Product] = (),
) -> Message:
    """Answer the customer with words, with one product, or with up to ten.

    The browser's `client_id` makes a second click the same message. An answer takes
    the reply token while it lives; it is an act that may earn credit (features D).
    Raises Refused: "blocked", "empty", "too_long", "too_many_cards", "client_id".
    """
    conversation = threads.lock(conversation)
    earlier = Message.objects.filter(client_id=client_id).first()
    if earlier is not None:
        return _same(earlier, conversation)
    if conversation.is_blocked:
        raise Refused("blocked", _("顧客已封鎖官方帳號，訊息送不到"))
    writer = _writer(by, conversation, now)
    goods = [product] if product else list(products)
    draft = _draft(writer, conversation, clean(text).strip(), goods, now)
    delivery = threads.enqueue(conversation, draft.objects, now=now)
    message = Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.OUT,
        kind=Message.Kind.PRODUCT if goods else Message.Kind.TEXT,
        text=draft.text,
        facts=draft.facts,
        client_id=client_id,
        staff=by,
        delivery=delivery,
        at=now,
    )
    _note_answer(conversation, message)
    _touch(writer, message, draft.sent_links, now)
    threads.announce(conversation, message)
    return message


@transaction.atomic
def send_card(
    conversation: Conversation,
    card: dict[str, Any],
    *,
    text: str,
    facts: dict[str, Any],
    client_id: UUID,
    by: Staff,
    now: datetime,
) -> Message:
    """Send one of LINE's message objects as an answer; `text` is what staff read.

    The browser's `client_id` makes a second click the same message. Raises Refused:
    "blocked", "client_id".
    """
    conversation = threads.lock(conversation)
    earlier = Message.objects.filter(client_id=client_id).first()
    if earlier is not None:
        return _same(earlier, conversation)
    if conversation.is_blocked:
        raise Refused("blocked", _("顧客已封鎖官方帳號，訊息送不到"))
    writer = _writer(by, conversation, now)
    message = Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.OUT,
        text=text,
        facts=facts,
        client_id=client_id,
        staff=by,
        delivery=threads.enqueue(conversation, [card], now=now),
        at=now,
    )
    _note_answer(conversation, message)
    _touch(writer, message, (), now)
    threads.announce(conversation, message)
    return message


@transaction.atomic
def resend(message: Message, *, by: Staff, now: datetime) -> Message:
    """Try a message again that did not leave; under its own key it arrives once.

    One that is on its way or was taken stays as it is. Raises Refused: "blocked", and
    those of `messaging.retry`.
    """
    conversation = threads.lock(message.conversation)
    message = Message.objects.select_related("delivery", "staff").get(pk=message.pk)
    delivery = message.delivery
    if delivery is None or delivery.state not in RETRYABLE:
        return message
    if conversation.is_blocked:
        raise Refused("blocked", _("顧客已封鎖官方帳號，訊息送不到"))
    message.delivery = messaging.retry(delivery, by=by, now=now)
    threads.announce(conversation, message)
    return message


@transaction.atomic
def note(conversation: Conversation, text: str, *, by: Staff, now: datetime) -> Message:
    """Keep a note that the customer never sees. Raises Refused: "empty"."""
    words = clean(text).strip()
    if not words:
        raise Refused("empty", _("還沒有寫字"))
    message = Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.NOTE,
        text=words[: incoming.LONGEST_TEXT],
        staff=by,
        at=now,
    )
    threads.announce(conversation, message)
    return message


def _same(earlier: Message, conversation: Conversation) -> Message:
    """Return the message of the first click; an id of another thread is no click."""
    if earlier.conversation_id != conversation.pk:
        raise Refused("client_id", _("這則訊息已經送到別的對話，請重新整理再試"))
    return earlier


def _writer(by: Staff, conversation: Conversation, now: datetime) -> Writer:
    """Return for which store they write: the conversation's, where they serve."""
    if by.is_hq:
        return Writer(by, None, earns=False)
    day = clock.day_of(now)
    store = conversation.store
    if store is None or not staff_services.serves_at(by, store, day):
        store = staff_services.main_store(by, day)
    return Writer(by, store, earns=store is not None)


def _draft(
    writer: Writer,
    conversation: Conversation,
    text: str,
    goods: Sequence[Product],
    now: datetime,
) -> Draft:
    if len(goods) > MOST_CARDS:
        raise Refused("too_many_cards", _("一次最多傳 10 件商品"))
    sender = binding.sender_of(writer.staff)
    sent: dict[str, PromoLink] = {}
    words = _with_own_links(writer, conversation, text, sent, now)
    objects = [line.text(words, sender)] if words or not goods else []
    facts: dict[str, Any] = {}
    if goods:
        cards = [_card(writer, conversation, each, sent, now) for each in goods]
        shown = [_shown(*pair) for pair in zip(goods, cards, strict=True)]
        objects.append(line.product_carousel(cards, sender))
        facts = {**shown[0], "cards": shown}
    return Draft(objects, words, facts, list(sent.values()))


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


def _note_answer(conversation: Conversation, message: Message) -> None:
    """End the wait; whoever answers a closed conversation opens it again."""
    words = message.text if message.kind == Message.Kind.TEXT else ""
    conversation.status = Conversation.Status.OPEN
    conversation.waiting_since = None
    conversation.unread = 0
    conversation.last_message_at = max(conversation.last_message_at, message.at)
    conversation.preview = " ".join(words.split())[: incoming.PREVIEW_LENGTH]
    conversation.preview_kind = message.kind
    conversation.is_answered = True
    conversation.save()


def _touch(
    writer: Writer, message: Message, sent: Sequence[PromoLink], now: datetime
) -> None:
    """Record the answer, and each link sent, as acts towards the member."""
    if not writer.earns:
        return
    store_id = writer.store.pk if writer.store else None
    member_id = message.conversation.member_id
    touches = [
        attribution.NewTouch(
            Touch.Kind.CHAT_REPLY, member_id, writer.staff.pk, now,
            ("message", str(message.pk)), store_id,
        )
    ]  # fmt: skip
    touches += [
        attribution.NewTouch(
            Touch.Kind.LINK_SENT, member_id, writer.staff.pk, now,
            ("message", f"{message.pk}:{link.pk}"), store_id, link.product_id, link.pk,
        )
        for link in sent
    ]  # fmt: skip
    attribution.touch_many(touches, now=now)
