"""A worker that is killed in the middle loses nothing and does nothing twice."""

from __future__ import annotations

import random
import time
from functools import partial

import pytest

from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.gateway import events, tasks
from apps.gateway.models import InboundEvent
from tests import make
from tests.gateway import webhooks
from tests.processes import eventually, running

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS, CUSTOMERS, KILLS = 200, 40, 5
WORKER = """
import django
django.setup()
from apps.gateway import tasks
while True:
    tasks.route_pending()
"""


def _progress(before: int) -> bool:
    return _done() > before


def _done() -> int:
    return InboundEvent.objects.filter(state="done").count()


def test_a_worker_killed_again_and_again_loses_nothing(database_url: str) -> None:
    make.account()
    start, now = 1_760_000_000_000, clock.now()
    said = [
        webhooks.text(str(n), user=f"U{n % CUSTOMERS:032x}", timestamp=start + n)
        for n in range(EVENTS)
    ]
    received = events.read(webhooks.body(*said), now=now)
    InboundEvent.objects.take_in(make.account().pk, received, now=now)
    moments = random.Random(11)
    for _kill in range(KILLS):
        before = _done()
        with running("-c", WORKER, DATABASE_URL=database_url) as worker:
            eventually(partial(_progress, before), 40)
            time.sleep(moments.uniform(0, 0.15))
            worker.kill()
        held = InboundEvent.objects.filter(state="new")
        held.update(not_before=clock.now())  # the lease runs out
    tasks.route_pending()
    assert _done() == EVENTS
    texts = Message.objects.filter(direction="in")
    assert texts.values("external_id").distinct().count() == texts.count() == EVENTS
    assert sum(Conversation.objects.values_list("unread", flat=True)) == EVENTS
