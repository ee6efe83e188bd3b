"""Keep a cluster of workers working, and ring the sweeps of the schedule.

A cluster of django-q2 can hang for ever while its master looks alive. So a canary is
queued for it every few seconds, each task that it executes moves its pulse, and where
the pulse stands still for too long the whole process group is killed and a new one is
started. Nothing is lost by that: the rows are the jobs, and count their own attempts.
"""

from __future__ import annotations

import socket
import time
import uuid
from datetime import timedelta

import structlog
from django.db import DatabaseError, connection
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from apps.core import clock
from apps.core.jobs import nudge
from apps.core.models import Pulse, Sweep
from config import env
from config.broker import WORKER
from config.processes import Child, Family, python
from config.schedule import SWEEPS

LONG_QUEUE = 500
STOP_SECONDS = 20
START_SECONDS = 30

log = structlog.get_logger(__name__)


class Supervisor:
    """One cluster and the eye on it."""

    def __init__(self) -> None:
        self.worker = uuid.uuid4().hex
        self.cluster = Child(
            "cluster",
            python("manage.py", "qcluster"),
            environment={WORKER: self.worker},
            grace=STOP_SECONDS,
            folder=env.ROOT,
        )
        self._family = Family([self.cluster])
        self._excused_at = 0.0
        self._rung_at = 0.0

    def run(self) -> None:
        """Keep the cluster working until told to stop."""
        Pulse.objects.filter(started_at__lt=clock.now() - timedelta(days=1)).exclude(
            answered_at__gt=clock.now() - timedelta(days=1)
        ).delete()
        Pulse.objects.create(
            worker=self.worker, host=socket.gethostname(), started_at=clock.now()
        )
        self._release()
        try:
            self._family.run(every_second=self.watch)
        finally:
            self._leave()

    def watch(self) -> None:
        """Ring what is due, and replace a cluster that has fallen silent."""
        heard_at = 0.0
        try:
            self._ring_canary()
            heard_at = self._last_pulse()
            ring_sweeps()
        except DatabaseError as error:
            # Without its database no cluster can answer: that is not its fault.
            log.warning("the database is away", error=str(error).strip())
            connection.close()
            self._excused_at = time.time()
        silence = time.time() - max(heard_at, self.cluster.started_at, self._excused_at)
        allowed = env.WORKER_SILENCE_SECONDS
        if heard_at < self.cluster.started_at:
            allowed = max(allowed, START_SECONDS)  # it has not spoken yet
        if silence > allowed:
            log.error("cluster is silent; starting a new one", seconds=round(silence))
            self.cluster.kill()
            self._release()
            self.cluster.start()

    def _release(self) -> None:
        """Let go of the nudges that a dead cluster took.

        Those of another cluster that lives may so run twice, which changes nothing.
        """
        try:
            OrmQ.objects.filter(key=Conf.CLUSTER_NAME).update(lock=clock.now())
        except DatabaseError:
            log.warning("the database is away; nudges wait for their time-out")

    def _ring_canary(self) -> None:
        if time.monotonic() - self._rung_at < env.WORKER_CANARY_SECONDS:
            return
        self._rung_at = time.monotonic()
        OrmQ.objects.filter(key=self.worker).delete()
        async_task("config.tasks.canary", q_options={"cluster": self.worker})

    def _last_pulse(self) -> float:
        """Return when the cluster last did anything, 0 if never, as Unix time."""
        pulse = Pulse.objects.values_list("answered_at", flat=True).get(pk=self.worker)
        return pulse.timestamp() if pulse else 0.0

    def _leave(self) -> None:
        try:
            OrmQ.objects.filter(key=self.worker).delete()
            Pulse.objects.filter(worker=self.worker).delete()
        except DatabaseError:
            log.warning("the database was away at the end")


def ring_sweeps() -> list[str]:
    """Nudge every task of the schedule whose turn has come; return their names.

    A queue that is long already needs no more rings.
    """
    if OrmQ.objects.count() > LONG_QUEUE:
        return []
    now = clock.now()
    rung = []
    for sweep in SWEEPS:
        if not Sweep.objects.claim(sweep.task, every=sweep.every, now=now):
            continue
        try:
            nudge(sweep.task)
            rung.append(sweep.task)
        except ImportError:  # one broken module must not silence the others
            log.exception("a sweep cannot be rung", task=sweep.task)
    return rung
