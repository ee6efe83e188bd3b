"""Handle the deliveries of shops: each once, in any order, whatever order they came in.

The claim counts the attempts and commits; each delivery is then recorded and marked
done in one transaction. Orders converge by when the shop changed them; a member or a
product of which a later version was handled is left as it is.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models.functions import Greatest

from apps.core import clock
from apps.core.jobs import nudge
from apps.core.text import clean
from apps.gateway.models import ShopConnection, ShopEvent
from apps.gateway.platforms import handling
from apps.gateway.platforms.handling import Outcome
from apps.gateway.platforms.reading import Told, Unmappable
from apps.gateway.querysets import ShopEventQuerySet

MOST_ATTEMPTS = 6
AT_ONCE = 20
LEASE = timedelta(seconds=60)
LONGEST_WAIT = 300.0  # seconds
WORKS_SECONDS = 20.0
HOLD = "select pg_advisory_xact_lock(hashtextextended('shop:' || %s, %s))"

State = ShopEvent.State
log = structlog.get_logger(__name__)


def handle_pending() -> None:
    """Handle what is due; ring again if time runs out."""
    until = time.monotonic() + WORKS_SECONDS
    ShopEvent.objects.bury(now=clock.now(), attempts=MOST_ATTEMPTS)
    while claimed := _claim():
        for row in claimed:
            _attempt(row)
        if time.monotonic() > until:
            nudge("apps.gateway.platforms.tasks.handle_pending")
            return


@transaction.atomic(durable=True)
def _claim() -> list[ShopEvent]:
    return ShopEvent.objects.claim(now=clock.now(), lease=LEASE, most=AT_ONCE)


def _attempt(row: ShopEvent) -> None:
    try:
        _handle(row, now=clock.now())
    except Unmappable as why:
        _end(row, Outcome("dead", str(why)), now=clock.now())
    except Exception as error:
        log.exception("delivery not handled", row=row.pk, attempts=row.attempts)
        _keep_failure(row, error, now=clock.now())


@transaction.atomic(durable=True)
def _handle(row: ShopEvent, *, now: datetime) -> None:
    """Record one delivery, unless its lease ran out and another worker has it."""
    if not _mine(row).select_for_update().exists():
        return
    told = handling.read(row.connection, row.topic, bytes(row.body), now=now)
    if told is None:
        _end(row, Outcome("ignored"), now=now)
        return
    row.subject, row.changed_at = told.subject[:80], told.changed_at
    if _is_overtaken(row, told):
        outcome = Outcome("ignored")
    else:
        outcome = handling.apply(told, row.connection, now=now)
    _end(row, outcome, now=now)


def _is_overtaken(row: ShopEvent, told: Told) -> bool:
    """Tell whether a later version was handled; of one subject one worker at a time.

    An older version of an order is handed on: it may bring refunds, and orders know
    their versions themselves.
    """
    if told.order or told.changed_at is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [row.subject, row.connection_id])
    return ShopEvent.objects.all().is_overtaken(row)


def _end(row: ShopEvent, outcome: Outcome, *, now: datetime) -> None:
    _mine(row).update(
        state=outcome.state,
        done_at=now,
        error=clean(outcome.why, 300),
        subject=clean(row.subject),
        changed_at=row.changed_at,
    )
    shops = ShopConnection.objects.filter(pk=row.connection_id)
    shops.update(last_at=Greatest("last_at", row.received_at))


def _keep_failure(row: ShopEvent, error: Exception, *, now: datetime) -> None:
    is_dead = row.attempts >= MOST_ATTEMPTS
    wait = timedelta(seconds=min(2.0**row.attempts, LONGEST_WAIT))
    _mine(row).update(
        state=State.DEAD if is_dead else State.NEW,
        not_before=now + wait,
        done_at=now if is_dead else None,
        error=clean(f"{type(error).__name__}: {error}", 300),
    )


def _mine(row: ShopEvent) -> ShopEventQuerySet:
    """Return the row as this claim left it, or nothing."""
    return ShopEvent.objects.filter(pk=row.pk, state=State.NEW, attempts=row.attempts)
