"""The night's jobs, killed with -9 half-way and run again, leave the same ledger."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from apps.commissions.models import CommissionEntry
from apps.core import clock
from apps.members.models import Binding, Member
from apps.staff.models import Staff
from tests import make
from tests.processes import eventually, running

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS = 6_000  # six batches: enough to be killed in the midst of
ENOUGH = 120.0
Ledger = list[tuple[int, int, date, int]]


@pytest.fixture
def recruited(transactional_db: None) -> Staff:
    """Members who all registered yesterday, bound to one salesperson."""
    make.plan(recruit=30)
    store = make.store()
    lin = make.staff("林怡君", at=store)
    at = clock.start_of(clock.today()) - timedelta(hours=2)
    members = Member.objects.bulk_create(
        Member(name=f"會員{n}", created_at=at, stage="registered", registered_at=at)
        for n in range(MEMBERS)
    )
    Binding.objects.bulk_create(
        Binding(
            member=member, staff=lin, store=store, period=(at, None),
            source=Binding.Source.LOGIN, created_at=at,
        )
        for member in members
    )  # fmt: skip
    return lin


def ledger() -> Ledger:
    """Return who was paid for whom, when and how much."""
    rows = CommissionEntry.objects.order_by("member")
    return [(row.staff_id, row.member_id or 0, row.month, row.amount) for row in rows]


def night(surroundings: dict[str, str]) -> None:
    """Run the night's jobs to their end."""
    with running("manage.py", "nightly", grace=15, **surroundings) as child:
        eventually(lambda: not child.alive(), ENOUGH)


def test_killed_half_way_and_run_again_it_pays_each_once(
    recruited: Staff, surroundings: dict[str, str]
) -> None:
    with running("manage.py", "nightly", grace=15, **surroundings) as child:
        eventually(CommissionEntry.objects.exists, ENOUGH)
        child.kill()
    half = ledger()
    assert 0 < len(half) < MEMBERS

    night(surroundings)
    whole = ledger()
    night(surroundings)

    assert ledger() == whole
    assert set(half) <= set(whole)
    yesterday = clock.today() - timedelta(days=1)
    month = yesterday.replace(day=1)
    everybody = Member.objects.order_by("pk").values_list("pk", flat=True)
    assert whole == [(recruited.pk, pk, month, 30) for pk in everybody]


def test_two_nights_at_once_pay_each_once(
    recruited: Staff, surroundings: dict[str, str]
) -> None:
    with (
        running("manage.py", "pay_recruits", grace=15, **surroundings) as first,
        running("manage.py", "pay_recruits", grace=15, **surroundings) as second,
    ):
        deadline = time.monotonic() + ENOUGH
        while first.alive() or second.alive():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert len(ledger()) == MEMBERS == CommissionEntry.objects.count()
    assert {row[0] for row in ledger()} == {recruited.pk}
