"""Random histories of credit keep every invariant of the ledger.

Sales, refunds, rulings, corrections, goodwill, new plans and closed months come in any
order. `STEPS=1000000 pytest -m slow tests/commissions/test_histories.py` is the full
size; the small one lets hypothesis look for the shortest history that breaks one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.attribution import services as attribution
from apps.attribution.invariants import INVARIANTS as CREDIT_INVARIANTS
from apps.commissions import rules
from apps.commissions import services as commissions
from apps.commissions.invariants import INVARIANTS
from apps.commissions.models import (
    ClosedMonth,
    CommissionEntry,
    Dispute,
    Plan,
    Settlement,
)
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders.models import Order, OrderLine, Refund
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

FIRST = datetime(2025, 1, 10, 12, tzinfo=clock.TAIPEI)
A_HISTORY = 60  # steps; a history is checked half-way and at its end
STEPS = int(os.environ.get("STEPS", "1000000"))


class World:
    """A brand with three salespeople, and a clock that only goes forward."""

    def __init__(self, mixer: Random) -> None:
        self.mixer, self.now = mixer, FIRST
        make.plan(recruit=30)
        self.store = make.store()
        self.people = [make.staff(at=self.store) for _each in range(3)]
        self.first = make.staff("財務", role=Staff.Role.FINANCE)
        self.second = make.staff("總部", role=Staff.Role.ADMIN)
        self.buyers = [self._buyer(person) for person in self.people]
        self.done: dict[str, int] = {}

    def _buyer(self, person: Staff) -> Member:
        buyer = make.member()
        make.bound(buyer, person, self.store, since=FIRST - timedelta(days=400))
        return buyer

    def step(self, name: str) -> None:
        """Take the step; what the rules refuse is no step."""
        acts: dict[str, Callable[[], object]] = {
            "sell": self.sell, "refund": self.refund, "rule": self.rule,
            "correct": self.correct, "absorb": self.absorb, "publish": self.publish,
            "wait": self.wait, "settle": self.settle,
        }  # fmt: skip
        self.now += timedelta(seconds=1)
        try:
            with transaction.atomic():
                acts[name]()
            self.done[name] = self.done.get(name, 0) + 1
        except Refused:
            pass

    def sell(self) -> None:
        """Sell one or two things to somebody's customer, who chatted with another."""
        buyer, other = self.mixer.choice(self.buyers), self.mixer.choice(self.people)
        if self.mixer.random() < 0.5:
            attribution.touch(
                "chat_reply", member=buyer, staff=other, store=None, product=None,
                link=None, evidence=("message", make.number()), now=self.now,
            )  # fmt: skip
        amounts = [self.mixer.randrange(0, 9_000) for _ in range(self._few())]
        order = make.order(buyer, *amounts, placed_at=self.now + timedelta(minutes=1))
        assert order.credit_due_at
        self.catch_up()

    def catch_up(self) -> None:
        """Do what the worker does: credit what is due, pay it, take refunds back."""
        due = Order.objects.filter(credit_due_at__isnull=False)
        attribution.credit(list(due.values_list("pk", flat=True)), now=self.now)
        while commissions.accrue(now=self.now).credits:
            pass
        commissions.reverse(now=self.now)

    def refund(self) -> None:
        """Give a part of a line back, or all that is left of it."""
        line = self._line()
        given = line.refunds.aggregate(sum=Sum("amount", default=0))["sum"]
        left = line.net - given
        if left <= 0:
            raise Refused("nothing", "nothing is left")
        part = left if self.mixer.random() < 0.5 else self.mixer.randint(1, left)
        make.refund(line, part, at=self.now)
        self.catch_up()

    def rule(self) -> None:
        """Let somebody object to a line, and rule on it."""
        dispute = commissions.open_dispute(
            self._line(), by=self.mixer.choice(self.people), reason="x", now=self.now
        )
        outcome = self.mixer.choice(["keep", "split", "reassign"])
        commissions.rule(
            Dispute.objects.get(pk=dispute.pk), outcome, reason="y", by=self.second,
            now=self.now,
        )  # fmt: skip

    def correct(self) -> None:
        """Give a line to nobody, to one or to two."""
        chosen = self.mixer.sample(self.people, self.mixer.randrange(3))
        part = self.mixer.randint(1, 9_999)
        parts = {0: [], 1: [10_000], 2: [part, 10_000 - part]}[len(chosen)]
        shares = {person.pk: part for person, part in zip(chosen, parts, strict=True)}
        commissions.correct_credit(
            self._line(), shares, reason="x", by=self.second, now=self.now
        )

    def absorb(self) -> None:
        """Let the house bear a refund, or bear it no longer."""
        refunds = list(Refund.objects.order_by("-pk")[:20])
        if not refunds:
            raise Refused("nothing", "nothing came back")
        outcome = self.mixer.choice(["absorb", "withhold"])
        commissions.rule_refund(
            self.mixer.choice(refunds), self.mixer.choice(self.people), outcome,
            reason="x", by=self.second, now=self.now,
        )  # fmt: skip

    def publish(self) -> None:
        """Publish terms for somebody or everybody from the next month on."""
        above = self.mixer.randrange(1, 20_000)
        tiers = (rules.Tier(above, 150), rules.Tier(above * 2, 450))
        terms = rules.Terms(
            online=self.mixer.choice([rules.Rate(300), rules.Rate(each=77)]),
            threshold=self.mixer.choice([0, 0, above // 2]),
            tiers=self.mixer.choice([(), tiers]),
        )
        whose = self.mixer.choice([None, self.mixer.choice(self.people).pk])
        commissions.publish_plan(
            "方案", starts_on=clock.next_month(clock.day_of(self.now)), terms=terms,
            scope=rules.Scope(staff_id=whose), by=self.second, now=self.now,
        )  # fmt: skip

    def wait(self) -> None:
        """Let some days go by."""
        self.now += timedelta(days=self.mixer.randint(1, 25))

    def settle(self) -> None:
        """Settle the oldest month that was not."""
        done = Settlement.objects.exclude(state="draft").values("month")
        open_ = CommissionEntry.objects.exclude(month__in=done).order_by("month")
        month = open_.values_list("month", flat=True).first()
        if month is None:
            raise Refused("nothing", "nothing to settle")
        commissions.prepare_settlement(month, by=self.first, now=self.now)
        commissions.approve_settlement(month, by=self.second, now=self.now)

    def settle_all(self) -> None:
        """Let the return windows end and settle whatever there is."""
        self.now += timedelta(days=90)
        while True:
            try:
                self.settle()
            except Refused as refused:
                assert refused.code == "nothing", refused  # noqa: PT017
                return

    def check(self) -> None:
        """Ask every invariant, and whether settlements are the sums of their months."""
        with connection.cursor() as cursor:
            for name, query in {**CREDIT_INVARIANTS, **INVARIANTS}.items():
                cursor.execute(query)
                assert cursor.fetchall() == [], name
        sums = dict(
            CommissionEntry.objects.values_list("month").annotate(sum=Sum("amount"))
        )
        closed = ClosedMonth.objects.values_list("month", "total")
        assert all(total == sums.get(month, 0) for month, total in closed)
        settled = Settlement.objects.exclude(state="draft")
        for month, total in settled.values_list("month", "total"):
            assert total == sums[month]

    def check_months(self) -> None:
        """Ask whether each month's tiers and thresholds are what its sales say."""
        sales: dict[tuple[int, int, date], list[int]] = {}
        accruals = CommissionEntry.objects.filter(kind="accrual")
        for accrual in accruals.prefetch_related("credit__entries"):
            assert accrual.credit is not None
            own = list(accrual.credit.entries.all())
            key = (accrual.staff_id, accrual.plan_id, accrual.month)
            net, earned = sales.setdefault(key, [0, 0])
            sales[key] = [
                net + sum(entry.base for entry in own),
                earned + sum(entry.amount for entry in own),
            ]
        terms = {plan.pk: plan.read() for plan in Plan.objects.all()}
        for (person, plan, month), (net, earned) in sales.items():
            given = CommissionEntry.objects.filter(
                staff=person, plan=plan, for_month=month
            ).values_list("kind").annotate(sum=Sum("amount"))  # fmt: skip
            sums = {"tier": 0, "threshold": 0} | dict(given)
            assert sums["tier"] == rules.top_up(terms[plan], net)
            assert sums["threshold"] == rules.withheld(terms[plan], net, earned)

    def _line(self) -> OrderLine:
        found = list(OrderLine.objects.order_by("-pk")[:30])
        if not found:
            raise Refused("nothing", "nothing was sold")
        return self.mixer.choice(found)

    def _few(self) -> int:
        return self.mixer.choice([1, 1, 2])


NAMES = ("sell", "refund", "rule", "correct", "absorb", "publish", "wait", "settle")
WEIGHTS = (8, 5, 2, 2, 3, 1, 4, 2)


def history(names: list[str], mixer: Random) -> dict[str, int]:
    """Tell a history and undo it; return how many steps of each kind were taken."""
    with transaction.atomic():
        world = World(mixer)
        for place, name in enumerate(names):
            world.step(name)
            if place == len(names) // 2:
                world.check()
        world.settle_all()
        world.check()
        world.check_months()
        transaction.set_rollback(True)
    return world.done


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.sampled_from(NAMES), min_size=10, max_size=40),
    st.integers(0, 2**32),
)
def test_any_history_keeps_the_ledger_whole(names: list[str], seed: int) -> None:
    history(["sell", "sell", *names], Random(seed))


@pytest.mark.slow
def test_a_million_steps_keep_the_ledger_whole() -> None:
    mixer, taken, done = Random(20_261_122), 0, dict.fromkeys(NAMES, 0)
    while taken < STEPS:
        names = mixer.choices(NAMES, WEIGHTS, k=A_HISTORY)
        for name, number in history(names, mixer).items():
            done[name] += number
        taken += A_HISTORY
    assert all(done.values()), done
