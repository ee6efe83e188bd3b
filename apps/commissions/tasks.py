"""The worker's way to the ledger."""

from __future__ import annotations

import time
from datetime import datetime

from django.db.models import Min

from apps.attribution.models import Credit
from apps.commissions import services as commissions
from apps.core import clock
from apps.core.jobs import nudge

SHIFT = 25.0  # seconds; what is left waits for the next nudge: tasks end at 40


def accrue_pending() -> None:
    """Accrue what waits, then reverse, then pay pickups, a transaction a batch."""
    ends_at = time.monotonic() + SHIFT
    while time.monotonic() < ends_at:
        now = clock.now()
        verbs = (_accrue, commissions.reverse, commissions.pay_pickups)
        if not any(verb(now=now) for verb in verbs):
            return
    nudge("apps.commissions.tasks.accrue_pending")


def _accrue(*, now: datetime) -> int:
    return commissions.accrue(now=now).credits


def advance_disputes() -> None:
    """Pass on what stores left lying, end what nobody ruled on."""
    commissions.advance_disputes(now=clock.now())


def oldest_due() -> datetime | None:
    """Return since when the oldest credit waits for the ledger."""
    waiting = Credit.objects.filter(accrual_due_at__isnull=False)
    oldest: datetime | None = waiting.aggregate(at=Min("accrual_due_at"))["at"]
    return oldest
