"""The worker's way to files that come in."""

from __future__ import annotations

import logging
import time

from apps.core import clock
from apps.core.jobs import nudge
from apps.imports import services
from apps.imports.models import ImportJob

logger = logging.getLogger(__name__)

SHIFT = 20.0  # seconds; what is left waits for the next nudge: tasks end at 40


def run_pending() -> int:
    """Carry on with the files that are under way; return how many batches.

    A batch that fails is logged and tried again with the next sweep.
    """
    done, ends_at = 0, time.monotonic() + SHIFT
    under_way = ImportJob.objects.filter(state__in=["checking", "running"])
    for pk in under_way.order_by("created_at").values_list("pk", flat=True):
        try:
            while services.advance(pk, now=clock.now()):
                done += 1
                if time.monotonic() > ends_at:
                    nudge("apps.imports.tasks.run_pending")
                    return done
        except Exception:
            logger.exception("A batch of import %s failed", pk)
    return done
