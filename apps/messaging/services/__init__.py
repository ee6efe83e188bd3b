"""Verbs of the outbox: write down what is to be sent, send it, keep what came of it."""

from apps.messaging.services.outbox import (
    Push,
    Reply,
    enqueue,
    enqueue_many,
    retry,
)
from apps.messaging.services.pacing import resume, stop
from apps.messaging.services.quota import Price, note_quota, price
from apps.messaging.services.sending import Claim, claim, deliver, record, sweep
from apps.messaging.services.texting import send_next, text

__all__ = [
    "Claim", "Price", "Push", "Reply", "claim", "deliver", "enqueue", "enqueue_many",
    "note_quota", "price",
    "record", "resume", "retry", "send_next", "stop", "sweep", "text",
]  # fmt: skip
