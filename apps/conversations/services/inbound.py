"""What customers do: write, take back, edit, follow, block, press a menu."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.conversations.models import Conversation, Message
from apps.conversations.rules import incoming
from apps.conversations.services import binding, threads
from apps.core.jobs import nudge
from apps.core.text import clean
from apps.members import services as members
from apps.members.models import Identity


@transaction.atomic
def receive(
    identity: Identity,
    event: dict[str, Any],
    *,
    now: datetime,
    at: datetime | None = None,
    received_at: datetime | None = None,
    event_ref: int | None = None,
) -> Message | None:
    """Keep a message event; the same message twice is kept once.

    `at` is when it was written, `received_at` when the webhook came, from which the
    reply token's minute runs. None where the event carries no message. A binding token
    in the text binds and is answered at once (features A3).
    """
    content = event.get("message")
    content = content if isinstance(content, dict) else {}
    external_id = incoming.message_id(content)
    if external_id is None:
        return None
    seen = Message.objects.filter(
        account_id=identity.on_account, external_id=external_id
    ).first()
    if seen is not None:
        return _place_late(seen, at or now, event_ref)
    said = incoming.read(content)
    is_standby = event.get("mode") == "standby"
    token = None if is_standby or not said.is_text else members.token_in_text(said.text)
    # Before the conversation is locked: whoever binds locks the member's bonds first.
    answer = binding.by_message(identity, token, now=now) if token else None
    conversation = threads.hold(identity, now=now, at=at)
    threads.lay(conversation, now=now)  # while it is known whether it was closed
    message = _keep(conversation, said, external_id, at or now, event_ref)
    _note_news(conversation, message, said, is_waiting=not (is_standby or token))
    _keep_token(conversation, event, received_at or now)
    conversation.save()
    threads.announce(conversation, message)
    if answer is not None:
        binding.answer(conversation, answer, now=now)
    return message


@transaction.atomic
def edit(identity: Identity, event: dict[str, Any], *, now: datetime) -> Message | None:
    """Put the new words in the place of the old; None where there is nothing to edit.

    What was taken back stays so.
    """
    content = event.get("message")
    content = content if isinstance(content, dict) else {}
    conversation = threads.hold(identity, now=now)
    message = _known(conversation, content)
    if message is None or message.unsent_at or message.kind != Message.Kind.TEXT:
        return None
    message.text = incoming.read(content).text
    message.facts["edited"] = True
    message.save(update_fields=["text", "facts"])
    _refresh_preview(conversation, message)
    threads.announce(conversation, message)
    return message


@transaction.atomic
def unsend(
    identity: Identity, event: dict[str, Any], *, now: datetime, at: datetime
) -> Message | None:
    """Hide a message that the customer took back, and have its file erased.

    Where it has not come yet, its place is taken, so that it stays hidden when it
    comes. None where the event names no message.
    """
    content = event.get("unsend")
    external_id = incoming.message_id(content if isinstance(content, dict) else {})
    if external_id is None:
        return None
    conversation = threads.hold(identity, now=now, at=at)
    message = _known(conversation, {"id": external_id})
    if message is None:
        message = Message(
            conversation=conversation,
            account_id=conversation.account_id,
            direction=Message.Direction.IN,
            external_id=external_id,
            at=at,
        )
    message.kind, message.text, message.facts = Message.Kind.OTHER, "", {}
    message.unsent_at = message.unsent_at or at
    if message.media_state in (Message.Media.WANTED, Message.Media.STORED):
        message.media_state = Message.Media.ERASE
        message.media_due_at = now
        nudge(threads.FETCH)
    message.save()
    _refresh_preview(conversation, message)
    threads.announce(conversation, message)
    return message


@transaction.atomic
def follow(
    identity: Identity,
    event: dict[str, Any],
    *,
    now: datetime,
    at: datetime,
    received_at: datetime | None = None,
) -> Conversation:
    """Note that the person is a friend (again), and welcome whom a salesperson bound.

    The conversation appears at once (features B19).
    """
    details = event.get("follow")
    is_back = isinstance(details, dict) and details.get("isUnblocked") is True
    conversation = threads.hold(identity, now=now, at=at)
    if _friendship_is_older(conversation, at):
        members.note_friendship(identity, friend=True, now=at)
        conversation.is_blocked = False
        _keep_token(conversation, event, received_at or now)
        conversation.profile_due_at = now
        nudge(threads.FETCH)
    _add_once(conversation, "unblocked" if is_back else "followed", at)
    threads.lay(conversation, now=now)
    conversation.last_message_at = max(conversation.last_message_at, at)
    conversation.save()
    threads.announce(conversation)
    bond = members.current_binding(conversation.member)
    if bond is not None and event.get("mode") != "standby":
        binding.welcome(conversation.member, bond, now=now)
    return conversation


@transaction.atomic
def unfollow(identity: Identity, *, now: datetime, at: datetime) -> Conversation:
    """Note that the person blocked the account; nothing can be sent any more."""
    conversation = threads.hold(identity, now=now, at=at)
    if _friendship_is_older(conversation, at):
        members.note_friendship(identity, friend=False, now=at)
        conversation.is_blocked = True
        conversation.waiting_since = None
        threads.take_token(conversation)
    _add_once(conversation, "unfollowed", at)
    conversation.save()
    threads.announce(conversation)
    return conversation


@transaction.atomic
def press(
    identity: Identity,
    event: dict[str, Any],
    *,
    now: datetime,
    at: datetime,
    received_at: datetime | None = None,
) -> Conversation:
    """Note a postback: a button of a menu or a card that the person pressed."""
    postback = event.get("postback")
    given = postback.get("data") if isinstance(postback, dict) else ""
    conversation = threads.hold(identity, now=now, at=at)
    _keep_token(conversation, event, received_at or now)
    words = clean(given, 300) if isinstance(given, str) else ""
    _add_once(conversation, "postback", at, text=words)
    conversation.save()
    threads.announce(conversation)
    return conversation


@transaction.atomic
def link_account(identity: Identity, *, now: datetime, at: datetime) -> Conversation:
    """Note that the person linked an account of another site."""
    conversation = threads.hold(identity, now=now, at=at)
    _add_once(conversation, "linked", at)
    threads.announce(conversation)
    return conversation


def _keep(
    conversation: Conversation,
    said: incoming.Incoming,
    external_id: str,
    at: datetime,
    event_ref: int | None,
) -> Message:
    if said.wants_media:
        nudge(threads.FETCH)
    return Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.IN,
        kind=said.kind,
        text=said.text,
        facts=said.facts,
        external_id=external_id,
        event_ref=event_ref,
        media_state=Message.Media.WANTED if said.wants_media else Message.Media.NONE,
        media_due_at=at if said.wants_media else None,
        at=at,
    )


def _place_late(seen: Message, at: datetime, event_ref: int | None) -> Message:
    """Give a message that was taken back before it came its own place in time."""
    if seen.unsent_at and seen.event_ref is None and event_ref is not None:
        seen.at, seen.event_ref = at, event_ref
        seen.save(update_fields=["at", "event_ref"])
    return seen


def _note_news(
    conversation: Conversation,
    message: Message,
    said: incoming.Incoming,
    *,
    is_waiting: bool,
) -> None:
    """Bring the list's columns up to date; one that came late is not the last bubble.

    Somebody who wrote after a reply waits; somebody whose words were merely late and
    are already answered does not.
    """
    is_last = message.at >= conversation.last_message_at
    was_answered = conversation.is_answered and not is_last
    conversation.status = Conversation.Status.OPEN
    conversation.unread += 1
    if is_waiting and not was_answered and not conversation.is_blocked:
        since = conversation.waiting_since
        conversation.waiting_since = min(since, message.at) if since else message.at
    if is_last or not conversation.messages.exclude(pk=message.pk).exists():
        conversation.last_message_at = message.at
        conversation.preview, conversation.preview_kind = said.preview, said.kind
        conversation.is_answered = False


def _keep_token(
    conversation: Conversation, event: dict[str, Any], received_at: datetime
) -> None:
    """Keep the newest reply token; LINE gives none in standby."""
    token = event.get("replyToken")
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= 64:
        return
    until = received_at + threads.TOKEN_LIVES
    if conversation.reply_until is None or until > conversation.reply_until:
        conversation.reply_token, conversation.reply_until = token, until


def _known(conversation: Conversation, content: dict[str, Any]) -> Message | None:
    external_id = incoming.message_id(content)
    return Message.objects.filter(
        account_id=conversation.account_id,
        conversation=conversation,
        external_id=external_id,
        external_id__isnull=False,
    ).first()


def _refresh_preview(conversation: Conversation, message: Message) -> None:
    """Show in the list what became of the last bubble."""
    if message.at < conversation.last_message_at:
        return
    conversation.preview = " ".join(message.text.split())[: incoming.PREVIEW_LENGTH]
    conversation.preview_kind = "unsent" if message.unsent_at else message.kind
    conversation.save(update_fields=["preview", "preview_kind"])


def _friendship_is_older(conversation: Conversation, at: datetime) -> bool:
    """Tell whether nothing newer is known of the friendship, whatever came first."""
    return not conversation.messages.filter(
        facts__event__in=["followed", "unblocked", "unfollowed"], at__gt=at
    ).exists()


def _add_once(
    conversation: Conversation, event: str, at: datetime, **facts: str
) -> None:
    """Write the event unless it stands there: it may be told twice."""
    told = conversation.messages.filter(at=at, facts__event=event)
    if not told.exists():
        threads.add_event(conversation, event, at=at, **facts)
