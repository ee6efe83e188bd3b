"""The worker's way to the verbs of credit."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min

from apps.attribution import services
from apps.attribution.models import Simulation
from apps.core import clock
from apps.core.jobs import nudge
from apps.orders.models import Order

logger = logging.getLogger(__name__)

BATCH = 500
SHIFT = 25.0  # seconds; what is left waits for the next nudge: tasks end at 40
PUT_OFF = timedelta(minutes=10)


def credit_pending() -> int:
    """Credit the orders that wait for it, one transaction a batch; return how many."""
    done, ends_at = 0, time.monotonic() + SHIFT
    while taken := _credit_batch():
        done += taken
        if time.monotonic() > ends_at:
            nudge("apps.attribution.tasks.credit_pending")
            break
    return done


def simulate_pending() -> int:
    """Carry on with the simulations that are under way; return how many batches.

    A batch that fails is logged and tried again with the next sweep, from where the
    simulation stood.
    """
    done, ends_at = 0, time.monotonic() + SHIFT
    under_way = Simulation.objects.filter(status__in=["queued", "running"])
    for pk in under_way.order_by("created_at").values_list("pk", flat=True):
        try:
            while services.advance(pk, now=clock.now()):
                done += 1
                if time.monotonic() > ends_at:
                    nudge("apps.attribution.tasks.simulate_pending")
                    return done
        except Exception:
            logger.exception("A batch of simulation %s failed", pk)
    return done


def oldest_due() -> datetime | None:
    """Return since when the oldest order waits for its credit."""
    waiting = Order.objects.filter(credit_due_at__isnull=False)
    oldest: datetime | None = waiting.aggregate(at=Min("credit_due_at"))["at"]
    return oldest


def _credit_batch() -> int:
    """Credit the oldest orders. If the batch fails, each is tried by itself."""
    try:
        return _credit_oldest(BATCH)
    except Exception:
        logger.exception("A batch of orders could not be credited")
    done = 0
    while done < BATCH and _credit_alone():
        done += 1
    return done


def _credit_alone() -> int:
    try:
        return _credit_oldest(1)
    except Exception:
        logger.exception("An order could not be credited")
        _put_off_oldest()
        return 1


def _credit_oldest(limit: int) -> int:
    now = clock.now()
    with transaction.atomic():
        waiting = Order.objects.filter(credit_due_at__lte=now).to_credit(limit)
        ids = list(waiting.values_list("pk", flat=True))
        return services.credit(ids, now=now).orders if ids else 0


@transaction.atomic
def _put_off_oldest() -> None:
    """Let the others pass the order that fails; it is tried again later."""
    now = clock.now()
    waiting = Order.objects.filter(credit_due_at__lte=now).to_credit(1)
    ids = list(waiting.values_list("pk", flat=True))
    Order.objects.filter(pk__in=ids).update(credit_due_at=now + PUT_OFF)
