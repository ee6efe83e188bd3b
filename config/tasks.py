"""What a supervised cluster does to show that it lives."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from django.db import DatabaseError

from apps.core import clock
from apps.core.models import Pulse
from config.broker import WORKER

BEAT_SECONDS = 1.0
_last_beat = 0.0


def canary() -> None:
    """Do nothing: that it was executed is the news."""


def beat(**signal: Any) -> None:
    """Note that this cluster is at work; before and after every task, once a second.

    A cluster busy with long tasks lives, even though its canary waits in line.
    """
    global _last_beat
    worker = os.environ.get(WORKER)
    if worker is None or time.monotonic() - _last_beat < BEAT_SECONDS:
        return
    with suppress(DatabaseError):
        Pulse.objects.filter(worker=worker).update(answered_at=clock.now())
        _last_beat = time.monotonic()
