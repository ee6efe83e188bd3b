"""A worker killed in the middle of a simulation: the next one ends up with the same."""

from __future__ import annotations

import random
import time
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from apps.attribution import services as attribution
from apps.attribution.models import PolicyDraft, Simulation
from apps.core import clock
from apps.staff.models import Staff
from tests import make
from tests.processes import eventually, running

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
ORDERS, KILLS = 240, 3
WORKER = """
import sys
import django
django.setup()
from apps.attribution import services
from apps.core import clock
while services.advance(int(sys.argv[1]), now=clock.now(), limit=2):
    pass
"""


def started(draft: PolicyDraft, hq: Staff) -> Simulation:
    return attribution.start_simulation(
        draft,
        since=date(2026, 11, 1),
        until=date(2026, 11, 20),
        rates=(),
        by=hq,
        now=NOW,
    )


def result(row: Simulation) -> tuple[object, ...]:
    row.refresh_from_db()
    sums = row.sums.order_by("basis", "staff", "store")
    changes = row.changes.order_by("line")
    return (
        (row.status, row.done, row.changed_lines, row.amount_moved),
        list(sums.values_list("basis", "staff", "before", "after")),
        list(changes.values_list("line", "amount")),
    )


def has_passed(row: Simulation, done: int) -> bool:
    row.refresh_from_db()
    return row.done > done or not row.is_under_way


def test_a_worker_killed_again_and_again_changes_no_figure(database_url: str) -> None:
    hq = make.staff("許雅筑", role=Staff.Role.ADMIN)
    store = make.store()
    lin = make.staff("林怡君", at=store)
    buyer = make.member()
    make.bound(buyer, lin, store, since=NOW - timedelta(days=90))
    for n in range(ORDERS):
        placed_at = NOW - timedelta(hours=n)
        make.order(buyer if n % 3 else None, 100 + n, placed_at=placed_at)
    draft = attribution.begin_draft(by=hq, now=NOW)
    attribution.revise_draft(
        draft, {"classes": [{"basis": "house"}]}, name="無", by=hq, now=NOW
    )
    whole = started(draft, hq)
    while attribution.advance(whole.pk, now=NOW):
        pass

    row, moments = started(draft, hq), random.Random(4)
    for _kill in range(KILLS):
        row.refresh_from_db()
        before = row.done
        with running("-c", WORKER, str(row.pk), DATABASE_URL=database_url) as worker:
            eventually(partial(has_passed, row, before), 60)
            time.sleep(moments.uniform(0, 0.1))
            worker.kill()
    while attribution.advance(row.pk, now=NOW):
        pass

    assert result(row) == result(whole)
    assert result(row)[0] == ("done", ORDERS, 160, sum(
        100 + n for n in range(ORDERS) if n % 3
    ))  # fmt: skip
