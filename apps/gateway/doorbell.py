"""Ring for many requests at once: a nudge costs as much as storing the event.

A thread of its own rings at once and then at most five times a second, so that a
webhook only says that something is there. What a dying process did not ring any more
the next sweep finds.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import structlog
from django.db import DatabaseError, connection

from apps.core import jobs

PAUSE_SECONDS = 0.2
IDLE_SECONDS = 0.5  # then the thread's database connection is given back

log = structlog.get_logger(__name__)


class Doorbell:
    """Nudges one task for the whole process."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._process: int | None = None

    def ring(self) -> None:
        """Have the task nudged soon; inside a transaction at once, as part of it."""
        if connection.in_atomic_block:
            jobs.nudge(self._task)
            return
        if self._process != os.getpid():
            self._start()
        self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            threading.Thread(target=self._serve, daemon=True, name="doorbell").start()

    def _serve(self) -> None:
        while True:
            if not self._wanted.wait(IDLE_SECONDS):
                connection.close()
                self._wanted.wait()
            self._wanted.clear()
            try:
                jobs.nudge(self._task)
            except DatabaseError as error:
                log.warning("the bell did not ring", task=self._task, error=str(error))
                with suppress(DatabaseError):
                    connection.close()
            time.sleep(PAUSE_SECONDS)
