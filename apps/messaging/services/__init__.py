"""Verbs of the outbox: write down what is to be sent, send it, keep what came of it."""

from apps.messaging.services.outbox import Reply, enqueue, retry
from apps.messaging.services.pacing import resume, stop
from apps.messaging.services.quota import Price, note_quota, price
from apps.messaging.services.sending import Claim, claim, deliver, record, sweep

__all__ = [
    "Claim", "Price", "Reply", "claim", "deliver", "enqueue", "note_quota", "price",
    "record", "resume", "retry", "stop", "sweep",
]  # fmt: skip
