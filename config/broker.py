"""The queue's broker: nudges for any cluster, canaries for one cluster alone."""

from __future__ import annotations

import os
from datetime import timedelta
from time import sleep

from django.db import close_old_connections, connections, transaction
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from apps.core import clock

WORKER = "WORKER"  # the environment's name for the cluster that a supervisor started

# One statement takes the oldest waiting task, the cluster's own canary before all
# others, so that a long queue is not mistaken for a cluster that hangs.
TAKE = """
update django_q_ormq set lock = %(until)s where id in (
    select id from django_q_ormq
    where key in (%(own)s, %(shared)s) and lock <= %(now)s
    order by key = %(own)s desc, id
    limit %(bulk)s for update skip locked
) returning id, payload
"""


class Broker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's own broker with a quicker and fairer way to take a task."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Take the next task, or wait a moment where there is none."""
        if transaction.get_autocommit(using=Conf.ORM):
            close_old_connections()
        now = clock.now()
        facts = {
            "own": os.environ.get(WORKER, self.list_key),
            "shared": self.list_key,
            "now": now,
            "until": now + timedelta(seconds=Conf.RETRY),
            "bulk": Conf.BULK,
        }
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(TAKE, facts)
            taken: list[tuple[int, str]] = cursor.fetchall()
        if not taken:
            sleep(Conf.POLL)
        return taken or None
