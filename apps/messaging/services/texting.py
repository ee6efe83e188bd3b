"""Send short messages: claim, commit, call, record.

As for LINE the attempt is written and committed before anything leaves. What a dead
sender held may have gone out, and no gateway would tell: it becomes `unknown`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.channels import sms
from apps.channels.outcome import Outcome
from apps.channels.sms.calls import LONGEST_CALL
from apps.core.jobs import nudge
from apps.messaging.models import ShortMessage

State = ShortMessage.State

LEASE = timedelta(seconds=2 * LONGEST_CALL)
BACK_OFF = timedelta(seconds=5)  # doubled with each attempt
NO_GATEWAY = "no_gateway"
NO_ANSWER = "no_answer"
SETTLED = {"accepted": State.ACCEPTED, "unreachable": State.UNKNOWN}
AGAIN = frozenset({"throttled"})


def text(
    to: str, body: str, *, purpose: str, expires_at: datetime, now: datetime
) -> ShortMessage:
    """Write a message down to be sent; in the caller's transaction.

    `to` is E.164; after `expires_at` it is not sent any more.
    """
    message = ShortMessage.objects.create(
        to=to, text=body, purpose=purpose, not_before=now, expires_at=expires_at,
        created_at=now,
    )  # fmt: skip
    nudge("apps.messaging.tasks.send_texts")
    return message


def send_next(*, now: datetime) -> bool:
    """Send the message that has waited longest; tell whether there was one."""
    message = _claim(now=now)
    if message is None:
        return False
    if message.state == State.SENDING:
        gateway = sms.gateway()
        outcome = (
            gateway.send(
                message.to, message.text or "", reference=str(message.reference)
            )
            if gateway
            else Outcome("rejected", reason=NO_GATEWAY)
        )
        _record(message, outcome, now=now)
    return True


@transaction.atomic(durable=True)
def _claim(*, now: datetime) -> ShortMessage | None:
    """Take a message in hand; one that is too late or was lost is settled instead."""
    due = Q(state=State.QUEUED, not_before__lte=now)
    lost = Q(state=State.SENDING, leased_until__lte=now)
    message = (
        ShortMessage.objects.filter(due | lost)
        .order_by("not_before", "pk")
        .select_for_update(skip_locked=True)
        .first()
    )
    if message is None:
        return None
    if message.state == State.SENDING:
        _settle(message, State.UNKNOWN, NO_ANSWER, now)
    elif message.expires_at <= now:
        _settle(message, State.EXPIRED, "", now)
    else:
        message.state = State.SENDING
        message.attempts += 1
        message.leased_until = now + LEASE
        message.save()
    return message


@transaction.atomic(durable=True)
def _record(message: ShortMessage, outcome: Outcome, *, now: datetime) -> None:
    row = ShortMessage.objects.select_for_update().get(pk=message.pk)
    if row.state != State.SENDING or row.attempts != message.attempts:
        return  # the lease ran out meanwhile, and somebody settled it
    row.external_id = next(iter(outcome.external_ids), "")[:80]
    if outcome.verdict in AGAIN or (
        outcome.verdict == "unreachable" and not outcome.left_us
    ):
        row.state, row.leased_until = State.QUEUED, None
        row.not_before = now + BACK_OFF * 2 ** (row.attempts - 1)
        row.reason = outcome.reason
        row.save()
        return
    _settle(row, SETTLED.get(outcome.verdict, State.FAILED), outcome.reason, now)


def _settle(message: ShortMessage, state: str, reason: str, now: datetime) -> None:
    message.state = State(state)
    message.reason = reason[:300]
    message.text = None
    message.leased_until = None
    message.settled_at = now
    message.save()
