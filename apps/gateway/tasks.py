"""Route the events that came in: a customer's one at a time, in order of time.

The claim counts the attempts and commits; each event is then routed and marked done in
one transaction, so that it is done once. An event that failed keeps its customer's
later ones waiting until it is done or dead.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from apps.core import clock
from apps.core.jobs import nudge
from apps.core.text import clean
from apps.gateway import events
from apps.gateway.models import InboundEvent
from apps.gateway.querysets import InboundEventQuerySet
from apps.gateway.routing import Arrival, route

MOST_ATTEMPTS = 6
LEASE = timedelta(seconds=30)
LONGEST_WAIT = 300.0  # seconds
# Well below what the cluster allows a task; then the next nudge goes on.
WORKS_SECONDS = 20.0
WIPED = b"{}"

State = InboundEvent.State
log = structlog.get_logger(__name__)


def route_pending() -> None:
    """Route what is due, what failed before first; ring again if time runs out."""
    until = time.monotonic() + WORKS_SECONDS
    InboundEvent.objects.bury(now=clock.now(), attempts=MOST_ATTEMPTS)
    for is_retry in (True, False):
        while claimed := _claim(is_retry=is_retry):
            route_claimed(claimed)
            if time.monotonic() > until:
                nudge("apps.gateway.tasks.route_pending")
                return


def route_claimed(claimed: Sequence[InboundEvent]) -> None:
    """Route events in their order; after a failure the customer's others go back."""
    stuck: set[tuple[int, str]] = set()
    for row in claimed:
        if row.turn in stuck:
            _give_back(row)
            continue
        try:
            _handle(row, now=clock.now())
        except Exception as error:
            log.exception("event not routed", row=row.pk, attempts=row.attempts)
            _keep_failure(row, error, now=clock.now())
            stuck.add(row.turn)


@transaction.atomic(durable=True)
def _claim(*, is_retry: bool) -> list[InboundEvent]:
    return InboundEvent.objects.claim(now=clock.now(), lease=LEASE, is_retry=is_retry)


@transaction.atomic(durable=True)
def _handle(row: InboundEvent, *, now: datetime) -> None:
    """Route one event, unless its lease ran out and another worker has it."""
    if not _mine(row).select_for_update().exists():
        return
    arrival = Arrival(
        account=row.account,
        user_id=row.user_id,
        event=events.unpack(bytes(row.body)),
        at=row.occurred_at,
        received_at=row.received_at,
        ref=row.pk,
    )
    routed = route(arrival, now=now)
    state = State.DONE if routed.taken else State.IGNORED
    _mine(row).update(state=state, done_at=now, error="")
    if routed.wiped:
        InboundEvent.objects.filter(pk__in=routed.wiped).update(body=WIPED)


def _keep_failure(row: InboundEvent, error: Exception, *, now: datetime) -> None:
    is_dead = row.attempts >= MOST_ATTEMPTS
    wait = timedelta(seconds=min(2.0**row.attempts, LONGEST_WAIT))
    _mine(row).update(
        state=State.DEAD if is_dead else State.NEW,
        not_before=now + wait,
        done_at=now if is_dead else None,
        error=clean(f"{type(error).__name__}: {error}", 300),
    )


def _give_back(row: InboundEvent) -> None:
    _mine(row).update(attempts=F("attempts") - 1, not_before=clock.now())


def _mine(row: InboundEvent) -> InboundEventQuerySet:
    """Return the row as this claim left it, or nothing."""
    return InboundEvent.objects.filter(
        pk=row.pk, state=State.NEW, attempts=row.attempts
    )
