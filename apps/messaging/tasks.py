"""Empty the outbox, and ask LINE what is left of the month."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.db import connections

from apps.channels.errors import Unavailable
from apps.channels.line.client import Line
from apps.channels.models import Account
from apps.core import clock
from apps.core.jobs import nudge
from apps.messaging import services as messaging
from apps.messaging.models import Delivery

SENDERS = 8
# A task is ended after 40 s (`Q_CLUSTER`) and a call may take 15.
BUDGET = 20.0  # seconds

log = structlog.get_logger(__name__)


def send_due() -> None:
    """Send everything that is due, up to eight calls at once.

    A lone message is sent by this thread itself; helpers come for more, and each has
    a database connection of its own.
    """
    messaging.sweep(now=clock.now())
    until = time.monotonic() + BUDGET
    due = Delivery.objects.due(clock.now())[:SENDERS].count()
    with ThreadPoolExecutor(max_workers=SENDERS) as pool:
        helpers = [pool.submit(_help, until) for _ in range(due - 1)]
        _send_until(until)
    for helper in helpers:
        helper.result()
    if time.monotonic() >= until:
        nudge("apps.messaging.tasks.send_due")


def send_texts() -> int:
    """Send the short messages that are due; return how many were taken in hand."""
    until, sent = time.monotonic() + BUDGET, 0
    while messaging.send_next(now=clock.now()):
        sent += 1
        if time.monotonic() >= until:
            nudge("apps.messaging.tasks.send_texts")
            break
    return sent


def refresh_quota() -> None:
    """Ask each account what it has left, and let go on what waited for it.

    An account whose token LINE refuses is stopped; one whose token works again goes on.
    """
    for account in Account.objects.filter(is_active=True):
        try:
            allowed, used = Line(account).quota()
        except Unavailable as error:
            if error.outcome.verdict == "unauthorized":
                reason = error.outcome.reason
                messaging.stop(account, reason=reason, now=clock.now())
            continue
        messaging.resume(account, by=None, now=clock.now())
        messaging.note_quota(account, allowed=allowed, used=used, now=clock.now())


def _help(until: float) -> None:
    try:
        _send_until(until)
    finally:
        connections.close_all()


def _send_until(until: float) -> None:
    while time.monotonic() < until:
        claim = messaging.claim(now=clock.now())
        if claim is None:
            return
        if claim.attempt is not None:
            _send(claim)


def _send(claim: messaging.Claim) -> None:
    try:
        outcome = messaging.deliver(claim)
    except Exception:
        # A defect of ours must not keep other people's messages back: the row stays
        # claimed and comes up again when its lease is over.
        log.exception("sending failed", delivery=claim.delivery.pk)
        return
    messaging.record(claim, outcome, now=clock.now())
