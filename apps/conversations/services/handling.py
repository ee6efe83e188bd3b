"""What becomes of a conversation: taken over, closed, opened again, looked at."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.audit import services as audit
from apps.conversations.models import Conversation
from apps.conversations.rules import desks
from apps.conversations.services import threads
from apps.core import clock, live
from apps.staff import services as staff_services
from apps.staff.models import Staff


@transaction.atomic
def take_over(conversation: Conversation, *, by: Staff, now: datetime) -> Conversation:
    """Put the conversation on the person's own desk until it is closed.

    The bond is not touched. Taking over what one has changes nothing.
    """
    conversation = threads.lock(conversation)
    if conversation.is_open and conversation.staff_id == by.pk:
        return conversation
    was, was_staff = conversation.topic, conversation.staff_id
    store = staff_services.main_store(by, clock.day_of(now))
    conversation.desk = Conversation.Desk.STAFF
    conversation.staff = by
    conversation.store = store or conversation.store
    conversation.desk_reason = desks.TAKEN_OVER
    conversation.status = Conversation.Status.OPEN
    conversation.save()
    threads.add_event(conversation, "taken_over", at=now, by=by.name)
    audit.record("conversation.taken_over", conversation, by=by, now=now, was=was_staff)
    live.publish(was, "conversation", conversation=conversation.pk)
    threads.announce(conversation)
    return conversation


@transaction.atomic
def close(conversation: Conversation, *, by: Staff, now: datetime) -> Conversation:
    """Settle the conversation; whoever took it over lets it go.

    The customer's next message opens it again on the desk of the bond.
    """
    conversation = threads.lock(conversation)
    if not conversation.is_open:
        return conversation
    conversation.status = Conversation.Status.CLOSED
    conversation.waiting_since = None
    conversation.unread = 0
    conversation.save()
    threads.add_event(conversation, "closed", at=now, by=by.name)
    audit.record("conversation.closed", conversation, by=by, now=now)
    threads.announce(conversation)
    return conversation


@transaction.atomic
def reopen(conversation: Conversation, *, by: Staff, now: datetime) -> Conversation:
    """Take a settled conversation up again, on the desk of the bond."""
    conversation = threads.lock(conversation)
    if conversation.is_open:
        return conversation
    threads.lay(conversation, now=now)
    conversation.status = Conversation.Status.OPEN
    conversation.save()
    threads.add_event(conversation, "reopened", at=now, by=by.name)
    audit.record("conversation.reopened", conversation, by=by, now=now)
    threads.announce(conversation)
    return conversation


@transaction.atomic
def mark_seen(conversation: Conversation, *, by: Staff, now: datetime) -> Conversation:
    """Note that the person looked; the customer still waits until somebody answers.

    Only whose desk it is has seen it: a manager who looks in leaves it unread.
    """
    conversation = threads.lock(conversation)
    is_own = conversation.staff_id == by.pk
    if conversation.unread and (is_own or (conversation.staff is None and by.is_hq)):
        conversation.unread = 0
        conversation.save(update_fields=["unread"])
        threads.announce(conversation)
    return conversation
