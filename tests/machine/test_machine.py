"""The machine of the whole brand: orders, points, coupons, tiers, merges, pay.

`STEPS=1000000 pytest -m slow tests/machine` is the full size; the small one lets
hypothesis look for the shortest history that breaks something.
"""

from __future__ import annotations

import os

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from apps.loyalty.rules import coupons
from apps.loyalty.services import merging as loyalty
from apps.orders.rules import refunds
from apps.orders.rules.checks import Problem
from apps.orders.rules.refunds import Part, RefundLineIn
from tests.machine import brand
from tests.machine.machine import BrandMachine

# Committed once for all runs: each run's transaction is rolled back for good, so that
# the database can tidy up behind it.
pytestmark = pytest.mark.django_db(transaction=True)

RUNS, A_RUN = int(os.environ.get("RUNS", "200")), 40
STEPS = int(os.environ.get("STEPS", "1000000"))


@pytest.fixture(autouse=True)
def _brand(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BrandMachine, "brand", brand.build(), raising=False)


def runs(number: int, *phases: Phase) -> None:
    """Let the machine run."""
    size = settings(
        max_examples=number,
        stateful_step_count=A_RUN,
        deadline=None,
        report_multiple_bugs=False,
        phases=phases or (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(BrandMachine, settings=size)


def test_whatever_happens_everything_holds() -> None:
    runs(RUNS)


@pytest.mark.slow
def test_whatever_happens_everything_holds_for_long() -> None:
    runs(-(-STEPS // A_RUN))


def test_a_merge_that_leaves_points_behind_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loyalty.Points, "move", lambda self, merging: 0)
    with pytest.raises(AssertionError):
        runs(RUNS, Phase.generate)


def test_refunds_without_a_bound_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def unbound(
        at: str, line: RefundLineIn, whole: Part | None, gone: Part
    ) -> Part | Problem:
        if whole is None:
            return bounded(at, line, whole, gone)
        return Part(line.quantity, line.amount or whole.amount)

    bounded = refunds._part
    monkeypatch.setattr(refunds, "_part", unbound)
    with pytest.raises((AssertionError, DatabaseError)):
        runs(RUNS, Phase.generate)


def test_a_copy_of_a_coupon_that_anybody_may_use_twice_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coupons, "_copy", lambda copy, *, holds, now: "")
    with pytest.raises((AssertionError, DatabaseError)):
        runs(RUNS, Phase.generate)
