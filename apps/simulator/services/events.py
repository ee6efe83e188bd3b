"""Webhook events: their bodies, and their rows in the table of what is to be sent."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from apps.simulator import webhooks_out
from apps.simulator.models import (
    ChatMessage,
    Fault,
    OfficialAccount,
    OutgoingEvent,
    Person,
    ReplyToken,
)
from apps.simulator.platform import faults

REPLY_WITHIN = timedelta(minutes=1)
READ_SALT = "simulator.mark-as-read"


def tell(
    kind: str,
    account: OfficialAccount,
    person: Person,
    *,
    now: datetime,
    answerable: bool = True,
    **facts: Any,
) -> OutgoingEvent:
    """Write an event to be sent to the account's webhook, in the caller's transaction.

    `answerable` events carry a reply token, good for one minute from their receipt.
    """
    event = OutgoingEvent(account=account, person=person, created_at=now, due_at=now)
    event.body = {
        "type": kind,
        "mode": "active",
        "timestamp": int(now.timestamp() * 1000),
        "source": {"type": "user", "userId": person.user_id},
        "webhookEventId": event.event_id,
        "deliveryContext": {"isRedelivery": False},
        **facts,
    }
    if answerable:
        token = ReplyToken.objects.create(
            account=account,
            person=person,
            created_at=now,
            valid_until=now + REPLY_WITHIN,
        )
        event.body["replyToken"] = token.token
    if not (account.webhook_url and account.webhook_active):
        event.state = OutgoingEvent.State.DROPPED
    misbehave(event, now=now)
    event.save()
    transaction.on_commit(webhooks_out.ring)
    return event


def misbehave(event: OutgoingEvent, *, now: datetime) -> None:
    """Let the ordered faults twist how the event will be sent."""
    for fault in faults.strike_all(event.account, "webhook"):
        if fault.action == Fault.Action.DUPLICATE:
            event.copies += 1
        elif fault.action == Fault.Action.REDELIVER:
            event.again += 1
        elif fault.action == Fault.Action.SHUFFLE:
            wait = random.uniform(0, min(fault.seconds, 5))  # noqa: S311 (no secret)
            event.in_order = False
            event.due_at = now + timedelta(seconds=wait)


def told_message(message: ChatMessage) -> dict[str, Any]:
    """Return the message object of the webhook: with its id and its tokens."""
    told = {**message.body, "id": message.message_id}
    told["markAsReadToken"] = signing.dumps(message.pk, salt=READ_SALT)
    if message.kind in {"text", "image", "video", "sticker"}:
        told["quoteToken"] = message.quote_token
    return told
