"""What staff do: answer, send goods, try again, keep a note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink, Touch
from apps.catalog.models import Product
from apps.conversations.models import Conversation, Message
from apps.conversations.rules import incoming
from apps.conversations.services import drafts, threads
from apps.conversations.services.drafts import Draft, Writer
from apps.core.errors import Refused
from apps.core.text import clean
from apps.messaging import services as messaging
from apps.messaging.models import Delivery
from apps.staff.models import Staff

RETRYABLE = (
    Delivery.State.FAILED, Delivery.State.UNKNOWN, Delivery.State.CHANNEL_HOLD,
)  # fmt: skip


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
    if earlier := _earlier(conversation, client_id):
        return earlier
    writer = drafts.writer_of(by, conversation, now)
    goods = [product] if product else list(products)
    draft = drafts.draft(writer, conversation, clean(text).strip(), goods, now)
    return _answer(conversation, writer, draft, client_id=client_id, now=now)


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
    if earlier := _earlier(conversation, client_id):
        return earlier
    writer = drafts.writer_of(by, conversation, now)
    draft = drafts.Draft([card], text, facts)
    return _answer(conversation, writer, draft, client_id=client_id, now=now)


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


def _earlier(conversation: Conversation, client_id: UUID) -> Message | None:
    """Return the message of the first click; an id of another thread is no click.

    Whoever has no earlier one may write, unless the customer blocked the account.
    """
    earlier = Message.objects.filter(client_id=client_id).first()
    if earlier is not None and earlier.conversation_id != conversation.pk:
        raise Refused("client_id", _("這則訊息已經送到別的對話，請重新整理再試"))
    if earlier is None and conversation.is_blocked:
        raise Refused("blocked", _("顧客已封鎖官方帳號，訊息送不到"))
    return earlier


def _answer(
    conversation: Conversation,
    writer: Writer,
    draft: Draft,
    *,
    client_id: UUID,
    now: datetime,
) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.OUT,
        kind=draft.kind,
        text=draft.text,
        facts=draft.facts,
        client_id=client_id,
        staff=writer.staff,
        delivery=threads.enqueue(conversation, draft.objects, now=now),
        at=now,
    )
    _note_answer(conversation, message)
    _touch(writer, message, draft.sent_links, now)
    threads.announce(conversation, message)
    return message


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
