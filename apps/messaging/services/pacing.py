"""Slow an account down, stop it, and let it go on."""

from __future__ import annotations

import random
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q

from apps.audit import services as audit
from apps.channels.models import Account
from apps.channels.outcome import Outcome
from apps.core.jobs import nudge
from apps.messaging import rules
from apps.messaging.models import Delivery, Pace
from apps.messaging.services.news import tell

State = Delivery.State
log = structlog.get_logger(__name__)


def keep_pace(account: Account, outcome: Outcome, *, now: datetime) -> None:
    """Let an outcome slow the account, or set it free; inside the caller's transaction.

    The row is not locked: of two outcomes at once one may win, which costs a moment.
    """
    pace = Pace.objects.filter(account=account).first()
    troubles = pace.troubles if pace else 0
    spread = random.random()  # noqa: S311  (scatters waits, hides nothing)
    change = rules.slowing(troubles, outcome, spread=spread)
    if change is None:
        return
    until = now + change.wait if change.wait else None
    Pace.objects.update_or_create(
        account=account, defaults={"troubles": change.troubles, "slowed_until": until}
    )


@transaction.atomic
def stop(account: Account, *, reason: str, now: datetime) -> None:
    """Stop sending as the account: LINE refuses its token. What waits is held."""
    Pace.objects.get_or_create(account=account)
    stopped = Pace.objects.filter(account=account, stopped_at=None)
    if stopped.update(stopped_at=now, reason=reason[:300]):
        log.error("channel stopped", account=account.slug, reason=reason)
        audit.record("channel.stopped", account, by=None, now=now, reason=reason)
    hold(Q(account=account))


def hold(whose: Q) -> None:
    """Hold the queued deliveries of stopped accounts, and tell who waits for them."""
    waiting = Delivery.objects.filter(whose, state=State.QUEUED).order_by("id")
    locked = waiting.select_for_update(skip_locked=True, of=("self",))
    topics = list(locked.values_list("pk", "topic"))
    pks = [pk for pk, _topic in topics]
    Delivery.objects.filter(pk__in=pks).update(
        state=State.CHANNEL_HOLD, reason=rules.NO_TOKEN
    )
    tell(topics)


@transaction.atomic
def resume(account: Account, *, by: audit.Person | None, now: datetime) -> int:
    """Let a stopped account send again; return how many held deliveries go on."""
    stopped = Pace.objects.filter(account=account, stopped_at__isnull=False)
    if not stopped.update(stopped_at=None, reason="", troubles=0, slowed_until=None):
        return 0
    held = Q(account=account, state=State.CHANNEL_HOLD)
    count = release(held, now=now)
    audit.record("channel.resumed", account, by=by, now=now, released=count)
    return count


def release(held: Q, *, now: datetime, at_most: int | None = None) -> int:
    """Queue held deliveries again, the oldest first; return how many."""
    rows = Delivery.objects.filter(held).order_by("id").select_for_update()
    topics = list(rows.values_list("pk", "topic")[:at_most])
    pks = [pk for pk, _topic in topics]
    count = Delivery.objects.filter(pk__in=pks).update(
        state=State.QUEUED, reason="", not_before=now
    )
    tell(topics)
    if count:
        nudge("apps.messaging.tasks.send_due")
    return count
