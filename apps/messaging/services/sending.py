"""Send what is due: claim, commit, call, record.

The claim counts the attempt and commits before anything leaves; a sender that dies at
any point leaves a row whose lease runs out, and whoever claims it then calls with the
same key. Nothing here calls the network inside a transaction: `durable` makes Django
refuse one around these.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.channels.line.client import LONGEST_CALL, Line
from apps.channels.outcome import Outcome
from apps.members.models import Identity
from apps.messaging import rules
from apps.messaging.models import Attempt, Delivery
from apps.messaging.querysets import DeliveryQuerySet
from apps.messaging.services import pacing
from apps.messaging.services.news import tell

State = Delivery.State
Kind = Delivery.Kind

LEASE = timedelta(seconds=2 * LONGEST_CALL)
SWEPT = 1_000  # rows a sweep settles at a time
RACES = 5


@dataclass(frozen=True)
class Claim:
    """A delivery taken in hand; without an attempt it was settled and is not sent."""

    delivery: Delivery
    attempt: Attempt | None


def sweep(*, now: datetime) -> None:
    """Settle what is not to be sent any more, and hold what a stopped account has."""
    _settle(
        Delivery.objects.beyond_trust(now - rules.KEY_TRUSTED, now=now),
        reason=rules.KEY_EXPIRED,
        now=now,
    )
    # Its sender died, or took longer than any call may take: it may have gone out.
    replies = Delivery.objects.filter(kind=Kind.REPLY)
    lost = replies.filter(state=State.SENDING, leased_until__lte=now)
    _settle(lost, reason=rules.NO_ANSWER, now=now)
    with transaction.atomic():
        pacing.hold(Q(account__pace__stopped_at__isnull=False))


def claim(*, now: datetime) -> Claim | None:
    """Take the delivery that has waited longest; None where nothing is due.

    Two senders that reach for two messages of one person at once are told apart by
    the database; the loser looks again.
    """
    for _race in range(RACES):
        try:
            return _claim(now=now)
        except IntegrityError:
            continue
    return None


@transaction.atomic(durable=True)
def _claim(*, now: datetime) -> Claim | None:
    delivery = Delivery.objects.claimable(now).select_related("account").first()
    if delivery is None:
        return None
    if _is_blocked(delivery):
        return _skip(delivery, now=now)
    if delivery.state == State.SENDING:
        delivery.was_ambiguous = True  # whoever held it may have sent it
    if delivery.kind == Kind.REPLY and not _token_lives(delivery, now=now):
        delivery.kind = Kind.PUSH
    delivery.state = State.SENDING
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or now
    delivery.leased_until = now + LEASE
    delivery.save()
    attempt = Attempt.objects.create(delivery=delivery, at=now)
    return Claim(delivery, attempt)


def deliver(claim: Claim) -> Outcome:
    """Make the one call of a claim; outside any transaction."""
    delivery = claim.delivery
    line = Line(delivery.account)
    if delivery.kind == Kind.REPLY:
        return line.reply(delivery.reply_token, delivery.messages)
    return line.push(delivery.to, delivery.messages, retry_key=delivery.retry_key)


@transaction.atomic(durable=True)
def record(claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Keep what came of an attempt, move the delivery on, and tell who waits."""
    attempt = cast("Attempt", claim.attempt)
    delivery = Delivery.objects.select_for_update().get(pk=claim.delivery.pk)
    attempt.status = outcome.status
    attempt.answer = outcome.reason or outcome.verdict
    attempt.request_id = outcome.request_id
    attempt.ended_at = now
    attempt.save()
    step = rules.after(_tried(delivery, attempt), outcome, now=now)
    if step is not None:
        _move(delivery, step, outcome, now=now)
    pacing.keep_pace(claim.delivery.account, outcome, now=now)
    if outcome.verdict == "unauthorized":
        pacing.stop(claim.delivery.account, reason=outcome.reason, now=now)


def _move(
    delivery: Delivery, step: rules.Step, outcome: Outcome, *, now: datetime
) -> None:
    delivery.state = State(step.state)
    delivery.kind = Kind(step.kind)
    delivery.reason = step.reason
    delivery.was_ambiguous = step.was_ambiguous
    delivery.not_before = now + step.wait
    delivery.leased_until = None
    if outcome.external_ids:
        delivery.external_ids = outcome.external_ids
    delivery.request_id = outcome.request_id or delivery.request_id
    if delivery.state not in Delivery.LIVE:
        delivery.settled_at = now
    delivery.save()
    tell([(delivery.pk, delivery.topic)])


def _tried(delivery: Delivery, attempt: Attempt) -> rules.Tried:
    latest = Attempt.objects.filter(delivery=delivery).order_by("-id").first()
    return rules.Tried(
        state=cast("rules.State", str(delivery.state)),
        kind=cast("rules.Kind", str(delivery.kind)),
        attempts=delivery.attempts,
        first_attempt_at=delivery.first_attempt_at or attempt.at,
        was_ambiguous=delivery.was_ambiguous,
        is_latest=latest is not None and latest.pk == attempt.pk,
        spread=random.random(),  # noqa: S311  (scatters waits, hides nothing)
    )


def _skip(delivery: Delivery, *, now: datetime) -> Claim:
    """Keep back what LINE would take without a word and never show to anybody."""
    delivery.state = State.SKIPPED
    delivery.reason = rules.BLOCKED
    delivery.settled_at = now
    delivery.leased_until = None
    delivery.save()
    tell([(delivery.pk, delivery.topic)])
    return Claim(delivery, None)


def _is_blocked(delivery: Delivery) -> bool:
    """Tell whether the person blocked the account; asked only before a first attempt.

    After one the message may have gone out, and its own answer says what it became.
    """
    return delivery.state == State.QUEUED and not delivery.was_ambiguous and (
        Identity.objects.filter(
            kind=Identity.Kind.LINE,
            account=delivery.account_id,
            value=delivery.to,
            friend=Identity.Friend.BLOCKED,
        ).exists()
    )  # fmt: skip


def _token_lives(delivery: Delivery, *, now: datetime) -> bool:
    return delivery.reply_until is not None and delivery.reply_until > now


@transaction.atomic
def _settle(rows: DeliveryQuerySet, *, reason: str, now: datetime) -> None:
    locked = rows.order_by("id").select_for_update(skip_locked=True, of=("self",))
    news = list(locked.values_list("pk", "topic")[:SWEPT])
    Delivery.objects.filter(pk__in=[pk for pk, _topic in news]).update(
        state=State.UNKNOWN, reason=reason, settled_at=now, leased_until=None,
        was_ambiguous=True,
    )  # fmt: skip
    tell(news)
