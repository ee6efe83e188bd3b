"""The thread of a conversation: find it, lock it, lay it on its desk, add events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apps.conversations.models import Conversation, Message
from apps.conversations.rules import desks
from apps.core import clock, live
from apps.core.jobs import nudge
from apps.members import services as members
from apps.members.models import Identity
from apps.messaging import services as messaging
from apps.messaging.models import Delivery
from apps.staff import services as staff_services

FETCH = "apps.conversations.tasks.fetch_pending"
# LINE takes a reply token for a minute from the webhook's receipt; the last ten
# seconds are left for the queue.
TOKEN_LIVES = timedelta(seconds=50)


def hold(
    identity: Identity, *, now: datetime, at: datetime | None = None
) -> Conversation:
    """Return the person's conversation on that account, locked; make it if need be.

    `at` is when what makes it happened, before `now`: what the customer writes next is
    later than that. A new one asks the worker for the person's name and picture.
    """
    conversation, made = Conversation.objects.get_or_create(
        account_id=identity.on_account,
        address=identity.value,
        defaults={
            "member_id": identity.member_id,
            "last_message_at": at or now,
            "created_at": now,
            "profile_due_at": now,
            "desk_reason": desks.UNBOUND,
        },
    )
    if made:
        nudge(FETCH)
    return lock(conversation)


def lock(conversation: Conversation) -> Conversation:
    """Return the conversation as it is now, for this transaction alone to change."""
    locked: Conversation = (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account", "member", "staff", "store")
        .get(pk=conversation.pk)
    )
    return locked


def lay(conversation: Conversation, *, now: datetime, keep_holder: bool = True) -> bool:
    """Put the conversation on the desk that the rules choose; tell if it moved.

    The caller saves it. `keep_holder` leaves it with whoever took it over.
    """
    was = conversation.topic
    desk = desks.choose_desk(_desk_facts(conversation, now, keep_holder=keep_holder))
    conversation.desk = desk.desk
    conversation.staff_id = desk.staff_id
    conversation.store_id = desk.store_id
    conversation.desk_reason = desk.reason
    if conversation.topic == was:
        return False
    live.publish(was, "conversation", conversation=conversation.pk)
    return True


def add_event(
    conversation: Conversation, event: str, *, at: datetime, **facts: str
) -> Message:
    """Write a line into the thread that says what happened."""
    return Message.objects.create(
        conversation=conversation,
        account_id=conversation.account_id,
        direction=Message.Direction.EVENT,
        kind=Message.Kind.OTHER,
        facts={"event": event, **facts},
        at=at,
    )


def announce(conversation: Conversation, message: Message | None = None) -> None:
    """Tell the pages of the desk, once the transaction commits."""
    facts: dict[str, Any] = {"conversation": conversation.pk}
    if message is not None:
        live.publish(conversation.topic, "message", message=message.pk, **facts)
    else:
        live.publish(conversation.topic, "conversation", **facts)


def enqueue(
    conversation: Conversation, objects: list[dict[str, Any]], *, now: datetime
) -> Delivery:
    """Hand LINE's message objects to the outbox, as the free reply where there is one.

    The caller holds the lock and saves the conversation.
    """
    return messaging.enqueue(
        conversation.account,
        to=conversation.address,
        member=conversation.member,
        messages=objects,
        topic=conversation.topic,
        now=now,
        reply=take_token(conversation),
    )


def take_token(conversation: Conversation) -> messaging.Reply | None:
    """Return the right to answer for free, and use it up: it works once."""
    token, until = conversation.reply_token, conversation.reply_until
    conversation.reply_token, conversation.reply_until = "", None
    return messaging.Reply(token, until) if token and until else None


def _desk_facts(
    conversation: Conversation, now: datetime, *, keep_holder: bool
) -> desks.DeskFacts:
    is_held = (
        keep_holder
        and conversation.is_open
        and conversation.desk_reason == desks.TAKEN_OVER
        and conversation.staff is not None
        and conversation.staff.is_active
    )
    holder = (conversation.staff_id, conversation.store_id) if is_held else (None, None)
    binding = members.current_binding(conversation.member)
    if binding is None:
        return desks.DeskFacts(holder_id=holder[0], holder_store_id=holder[1])
    serves = staff_services.serves_at(binding.staff, binding.store, clock.day_of(now))
    return desks.DeskFacts(
        bound_staff_id=binding.staff_id,
        bound_store_id=binding.store_id,
        is_active=binding.staff.is_active,
        is_posted=serves,
        holder_id=holder[0],
        holder_store_id=holder[1],
    )
