"""Put a message into the outbox, and put a failed one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.channels.line.messages import MESSAGES_A_CALL
from apps.channels.models import Account
from apps.core.errors import Refused
from apps.core.jobs import nudge
from apps.members.models import Member
from apps.messaging.models import Delivery, Pace

State = Delivery.State


@dataclass(frozen=True)
class Reply:
    """The right to answer an event once, free of charge, until the moment."""

    token: str
    until: datetime


def enqueue(
    account: Account,
    *,
    to: str,
    member: Member | None,
    messages: Sequence[dict[str, Any]],
    topic: str,
    now: datetime,
    reply: Reply | None = None,
) -> Delivery:
    """Write down one message of one to five bubbles for one person.

    Called inside the caller's transaction, so that the message and what it answers
    stand or fall together. It goes out as a reply where the token still lives when
    it is sent, as a push otherwise. `topic` is the live topic that hears the outcome.
    """
    if not 1 <= len(messages) <= MESSAGES_A_CALL:
        raise ValueError(f"{len(messages)} bubbles in one message")
    is_reply = reply is not None and reply.until > now
    delivery = Delivery.objects.create(
        account=account,
        member=member,
        to=to,
        kind=Delivery.Kind.REPLY if is_reply else Delivery.Kind.PUSH,
        messages=list(messages),
        reply_token=reply.token if reply else "",
        reply_until=reply.until if reply else None,
        topic=topic,
        not_before=now,
        created_at=now,
    )
    nudge("apps.messaging.tasks.send_due")
    return delivery


@dataclass(frozen=True)
class Push:
    """A message to one person that answers nothing: it is paid for."""

    account_id: int
    to: str
    member_id: int | None
    messages: Sequence[dict[str, Any]]
    topic: str = ""


def enqueue_many(pushes: Sequence[Push], *, now: datetime) -> list[Delivery]:
    """Write down many messages, in one statement a thousand; as `enqueue`."""
    if any(not 1 <= len(each.messages) <= MESSAGES_A_CALL for each in pushes):
        raise ValueError("a message without bubbles, or with too many")
    deliveries = Delivery.objects.bulk_create(
        [
            Delivery(
                account_id=each.account_id,
                member_id=each.member_id,
                to=each.to,
                kind=Delivery.Kind.PUSH,
                messages=list(each.messages),
                topic=each.topic,
                not_before=now,
                created_at=now,
            )
            for each in pushes
        ],
        batch_size=1000,
    )
    if deliveries:
        nudge("apps.messaging.tasks.send_due")
    return deliveries


@transaction.atomic
def retry(delivery: Delivery, *, by: audit.Person, now: datetime) -> Delivery:
    """Send again what failed, under the same key; by a named person.

    A second press while it is on its way changes nothing. Raises Refused: "settled"
    where it was accepted or given up, "channel_stopped" while the account cannot send.
    """
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state in (State.QUEUED, State.SENDING):
        return delivery
    if not delivery.is_retryable:
        raise Refused("settled", _("這則訊息不能重送"))
    stopped = Pace.objects.filter(account=delivery.account_id, stopped_at__isnull=False)
    if stopped.exists():
        raise Refused("channel_stopped", _("官方帳號的存取權杖失效，請通知總部"))
    was = delivery.state
    delivery.state = State.QUEUED
    # Nobody knows whether a reply without an answer went out; what the person sends
    # now is a push, which has a key.
    delivery.kind = Delivery.Kind.PUSH
    delivery.reason = ""
    delivery.not_before = now
    delivery.settled_at = None
    if was != State.CHANNEL_HOLD:
        # A refused message was never taken, and an unknown one is this person's
        # decision: its key is trusted for a day from the next attempt on.
        delivery.first_attempt_at = None
        delivery.was_ambiguous = False
    delivery.save()
    audit.record("delivery.retried", delivery, by=by, now=now, was=was)
    nudge("apps.messaging.tasks.send_due")
    return delivery
