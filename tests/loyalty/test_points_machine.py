"""Any history of purchases, refunds, burns and nights keeps the ledger true."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.invariants import INVARIANTS
from apps.loyalty.models import PointRule
from tests import make
from tests.loyalty.ledger import NOW, follow, purchase, rule

pytestmark = pytest.mark.django_db

STEPS = st.one_of(
    st.tuples(st.just("buy"), st.integers(1, 4), st.integers(0, 5_000)),
    st.tuples(st.just("burn"), st.integers(1, 4), st.integers(1, 60)),
    st.tuples(st.just("give_back"), st.integers(1, 4), st.just(0)),
    st.tuples(st.just("grant"), st.integers(1, 3), st.integers(1, 50)),
    st.tuples(st.just("night"), st.just(0), st.integers(1, 5)),
)


def broken() -> dict[str, list[tuple[object, ...]]]:
    """Return what does not hold."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in INVARIANTS.items():
            # Whether points are of use is asked of the story's clock, not of today's.
            if not name.startswith("points:") or "now()" in query:
                continue
            cursor.execute(query)
            if rows := cursor.fetchall():
                found[name] = rows
    return found


class Story:
    """One member, four orders and a clock of their own."""

    def __init__(self) -> None:
        self.chen, self.now = make.member(), NOW
        self.orders = {which: make.number() for which in range(1, 5)}
        self.bought: dict[int, datetime] = {}

    def cause(self, which: int) -> tuple[str, str]:
        """Return a cause that may come again."""
        return "till", f"{self.chen.pk}/{which}"

    def buy(self, which: int, left: int) -> None:
        """Tell of an order, or of what is left of it; twice."""
        at = self.bought.setdefault(which, self.now)
        told = purchase(self.chen, left, order_id=self.orders[which], placed_at=at)
        follow(told, now=self.now)
        assert follow(told, now=self.now) == 0

    def burn(self, which: int, points: int) -> None:
        """Burn at a till."""
        kind, cause = self.cause(which)
        loyalty.burn(self.chen, points, source_type=kind, source_id=cause, now=self.now)

    def give_back(self, which: int, _amount: int) -> None:
        """Give back what a till burned."""
        kind, cause = self.cause(which)
        loyalty.give_back(source_type=kind, source_id=cause, now=self.now)

    def grant(self, which: int, points: int) -> None:
        """Grant for a cause."""
        kind, cause = self.cause(which)
        loyalty.grant(
            [self.chen.pk], points, source_type=kind, source_id=cause, now=self.now
        )

    def night(self, _which: int, days: int) -> None:
        """Let some days pass, and the night work; twice."""
        self.now += timedelta(days=days)
        loyalty.release_points(now=self.now)
        loyalty.expire_points(now=self.now)
        assert loyalty.expire_points(now=self.now) == 0


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, max_size=40), release_days=st.sampled_from([0, 3]))
def test_the_ledger_holds(
    db: None, steps: list[tuple[str, int, int]], release_days: int
) -> None:
    if not PointRule.objects.exists():
        rule(date(2024, 1, 1), expiry="days", expiry_days=8)
    PointRule.objects.update(release_days=release_days)
    story = Story()
    for kind, which, amount in steps:
        with suppress(Refused):
            getattr(story, kind)(which, amount)
    assert broken() == {}
    told = loyalty.balance(story.chen, now=story.now)
    assert told.debt == 0 or told.available == 0
