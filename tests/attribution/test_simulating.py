"""A draft tried on a period: what differs, progress, cancelling, and being killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.attribution import rules, tasks
from apps.attribution import services as attribution
from apps.attribution.models import (
    Credit,
    Decision,
    PolicyDraft,
    Simulation,
    SimulationChange,
    SimulationSum,
    Touch,
)
from apps.attribution.rules import Rate, Side
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
SINCE, UNTIL = date(2026, 8, 1), date(2026, 10, 31)
MIDDLE = datetime(2026, 9, 15, 12, tzinfo=clock.TAIPEI)
RATES = (Rate(date(2026, 1, 1), 300, 100),)
KINDS = ("link_click", "link_sent", "chat_reply")


@pytest.fixture
def hq(db: None) -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


@pytest.fixture
def lin(db: None) -> Staff:
    return make.staff("林怡君", at=make.store("台北中山店"))


@pytest.fixture
def huang(db: None) -> Staff:
    return make.staff("黃子芸", at=make.store("新竹竹北店"))


def draft_of(hq: Staff, stored: dict[str, Any] | None = None) -> PolicyDraft:
    """Make a draft of the rules, those in force if none are given."""
    draft = attribution.begin_draft(by=hq, now=NOW)
    if stored is None:
        return draft
    return attribution.revise_draft(draft, stored, name="試試", by=hq, now=NOW)


def with_days(basis: str, days: int) -> dict[str, Any]:
    """Return the default rules with another window."""
    stored = rules.DEFAULT.as_json()
    for rung in stored["classes"]:
        if rung["basis"] == basis:
            rung["days"] = days
    return stored


def started(
    draft: PolicyDraft, hq: Staff, *, since: date = SINCE, until: date = UNTIL
) -> Simulation:
    """Start a simulation of the draft."""
    return attribution.start_simulation(
        draft, since=since, until=until, rates=RATES, by=hq, now=NOW
    )


def finished(simulation: Simulation, limit: int = 500) -> Simulation:
    """Let the simulation run to its end."""
    while attribution.advance(simulation.pk, now=NOW, limit=limit):
        pass
    simulation.refresh_from_db()
    return simulation


def touched(
    kind: str, member: Member, staff: Staff, at: datetime, product: Any = None
) -> None:
    """Record what the person did."""
    attribution.touch(
        Touch.Kind(kind),
        member=member,
        staff=staff,
        store=None,
        product=product,
        link=None,
        evidence=("proof", make.number()),
        now=at,
    )


def result(simulation: Simulation) -> tuple[object, ...]:
    """Return all that a simulation found, apart from its keys."""
    sums = simulation.sums.order_by("basis", "staff", "store").values_list(
        "basis", "staff", "store", "before", "after",
        "commission_before", "commission_after",
    )  # fmt: skip
    changes = simulation.changes.order_by("line").values_list(
        "line", "amount", "before", "after"
    )
    totals = (
        simulation.status, simulation.done, simulation.changed_orders,
        simulation.changed_lines, simulation.amount_moved, simulation.commission_moved,
    )  # fmt: skip
    return list(sums), list(changes), totals


def season(random: Random, people: Sequence[Staff]) -> list[Order]:
    """Make a season of orders with everything that may earn credit."""
    coats = [make.product(f"coat-{n}") for n in range(3)]
    orders = []
    for n in range(12):
        buyer = make.member(f"顧客{n}")
        if random.random() < 0.6:
            serving = random.choice(people)
            at = serving.postings.get().store
            make.bound(buyer, serving, at, since=MIDDLE - 60 * DAY)
        for _touch in range(random.randrange(5)):
            touched(
                random.choice(KINDS),
                buyer,
                random.choice(people),
                MIDDLE - random.randrange(1, 60 * 24) * timedelta(hours=1),
                random.choice([None, *coats]),
            )
        for _order in range(2):
            seller = random.choice([None, None, *people])
            store = seller.postings.get().store if seller else None
            orders.append(
                make.order(
                    random.choice([buyer, buyer, None]),
                    *(random.randrange(100, 5_000) for _line in range(2)),
                    placed_at=MIDDLE - random.randrange(30) * DAY,
                    product=random.choice([None, *coats]),
                    channel="store" if seller else "web",
                    store=store,
                    seller=seller,
                )
            )
    return orders


@pytest.mark.parametrize("seed", range(8))
def test_the_policy_in_force_as_a_draft_gives_what_was_credited(
    seed: int, hq: Staff, lin: Staff, huang: Staff
) -> None:
    orders = season(Random(seed), [lin, huang])
    attribution.credit([order.pk for order in orders], now=NOW)

    simulation = finished(started(draft_of(hq), hq), limit=5)

    credited: Counter[tuple[int | None, int | None, str]] = Counter()
    for credit in Credit.objects.filter(superseded_at=None).select_related("decision"):
        place = (credit.staff_id, credit.store_id, credit.decision.basis)
        credited[place] += credit.amount
    sums = {(s.staff_id, s.store_id, s.basis): s for s in simulation.sums.all()}
    assert {place: s.after for place, s in sums.items()} == credited
    assert {place: s.before for place, s in sums.items()} == credited
    assert not simulation.changes.exists()
    assert (simulation.done, simulation.orders) == (len(orders), len(orders))


@pytest.mark.parametrize("seed", range(4))
def test_another_ladder_gives_what_publishing_it_would(
    seed: int, hq: Staff, lin: Staff, huang: Staff
) -> None:
    orders = season(Random(seed), [lin, huang])
    stored = {
        "classes": [
            {"basis": "binding"},
            {"basis": "chat", "days": 14},
            {"basis": "link", "days": 10, "start": "sent", "product_first": False},
            {"basis": "house"},
        ]
    }
    simulation = finished(started(draft_of(hq, stored), hq), limit=7)
    attribution.publish_policy(
        stored, effective_from=NOW - 200 * DAY, by=hq, now=NOW - 201 * DAY
    )
    attribution.credit([order.pk for order in orders], now=NOW)

    credited: Counter[tuple[int | None, str]] = Counter()
    for credit in Credit.objects.select_related("decision"):
        credited[(credit.staff_id, credit.decision.basis)] += credit.amount
    after: Counter[tuple[int | None, str]] = Counter()
    for each in simulation.sums.exclude(after=0):
        after[(each.staff_id, each.basis)] += each.after
    assert after == credited


def test_a_shorter_window_moves_just_the_orders_beyond_it(
    hq: Staff, lin: Staff, huang: Staff
) -> None:
    inside, at_the_edge, beyond, alone = (make.member(f"客{n}") for n in range(4))
    gaps = ((inside, 14 * DAY - TICK), (at_the_edge, 14 * DAY), (beyond, 20 * DAY))
    for buyer, gap in gaps:
        make.bound(buyer, huang, huang.postings.get().store, since=MIDDLE - 90 * DAY)
        touched("link_click", buyer, lin, MIDDLE - gap)
    touched("link_click", alone, lin, MIDDLE - 20 * DAY)
    orders = {
        buyer.name: make.order(buyer, 1_000, placed_at=MIDDLE)
        for buyer in (inside, at_the_edge, beyond, alone)
    }

    simulation = finished(started(draft_of(hq, with_days("link", 14)), hq))

    changes = {change.order_id: change for change in simulation.changes.all()}
    moved = {orders[buyer.name].pk for buyer in (at_the_edge, beyond, alone)}
    assert changes.keys() == moved
    assert simulation.changed_orders == simulation.changed_lines == 3
    assert (simulation.amount_moved, simulation.commission_moved) == (3_000, -30)
    after = Side.from_json(changes[orders[beyond.name].pk].after)
    assert (after.winner.basis, after.staff_id) == ("binding", huang.pk)
    assert after.rival
    assert (after.rival.basis, after.rival.status) == ("link", "expired")
    before = Side.from_json(changes[orders[beyond.name].pk].before)
    assert (before.winner.basis, before.staff_id) == ("link", lin.pk)
    assert before.rival
    assert before.rival.status == "outranked"
    house = Side.from_json(changes[orders[alone.name].pk].after)
    assert (house.winner.basis, house.staff_id) == ("house", None)


def test_the_days_of_the_period_are_those_of_taipei(hq: Staff, lin: Staff) -> None:
    first, after = clock.start_of(SINCE), clock.end_of(UNTIL)
    for at in (first - TICK, first, after - TICK, after):
        make.order(None, 100, placed_at=at)
    assert finished(started(draft_of(hq), hq)).done == 2


def test_nothing_of_the_facts_is_written(hq: Staff, lin: Staff, huang: Staff) -> None:
    orders = season(Random(3), [lin, huang])
    attribution.credit([order.pk for order in orders], now=NOW)
    decided = set(Decision.objects.values_list("pk", "superseded_at"))
    finished(started(draft_of(hq, with_days("link", 1)), hq))
    assert set(Decision.objects.values_list("pk", "superseded_at")) == decided
    assert not Order.objects.filter(credit_due_at__isnull=False).exists()


def test_a_batch_that_is_cut_off_is_taken_up_again(
    hq: Staff, lin: Staff, huang: Staff
) -> None:
    season(Random(5), [lin, huang])
    draft = draft_of(hq, with_days("link", 3))
    whole = finished(started(draft, hq), limit=4)

    simulation = started(draft, hq)
    attribution.advance(simulation.pk, now=NOW, limit=4)
    with connection.cursor() as cursor:
        cursor.execute(
            "create function fails() returns trigger language plpgsql as $$ begin"
            " raise exception 'cut off'; end $$;"
            "create trigger fails before update of done on attribution_simulation"
            " for each row when (new.done > 4) execute function fails()"
        )
    assert tasks.simulate_pending() == 0
    with connection.cursor() as cursor:
        cursor.execute("drop trigger fails on attribution_simulation")
    simulation.refresh_from_db()
    assert (simulation.done, simulation.attempts) == (4, 1)

    assert result(finished(simulation, limit=4)) == result(whole)


def test_a_batch_that_always_fails_ends_the_simulation(hq: Staff) -> None:
    make.order(None, 100, placed_at=MIDDLE)
    simulation = started(draft_of(hq), hq)
    with connection.cursor() as cursor:
        cursor.execute(
            "create function fails() returns trigger language plpgsql as $$ begin"
            " raise exception 'no'; end $$;"
            "create trigger fails before insert on attribution_simulationsum"
            " for each row execute function fails()"
        )
    for _sweep in range(8):
        tasks.simulate_pending()
    simulation.refresh_from_db()
    assert simulation.status == Simulation.Status.FAILED
    assert not simulation.sums.exists()


def test_a_cancelled_simulation_stops_and_leaves_nothing(
    hq: Staff, lin: Staff, huang: Staff
) -> None:
    season(Random(5), [lin, huang])
    simulation = started(draft_of(hq, with_days("link", 3)), hq)
    attribution.advance(simulation.pk, now=NOW, limit=4)
    attribution.cancel_simulation(simulation, by=hq, now=NOW)

    assert tasks.simulate_pending() == 0
    simulation.refresh_from_db()
    assert (simulation.status, simulation.done) == ("cancelled", 4)
    assert not SimulationSum.objects.exists()
    assert not SimulationChange.objects.exists()
    with pytest.raises(Refused, match="已經結束"):
        attribution.cancel_simulation(simulation, by=hq, now=NOW)


def test_the_worker_runs_it_after_the_nudge(
    hq: Staff, drain: Callable[[], list[str]]
) -> None:
    make.order(None, 100, placed_at=MIDDLE)
    simulation = started(draft_of(hq), hq)
    assert "apps.attribution.tasks.simulate_pending" in drain()
    simulation.refresh_from_db()
    assert simulation.is_done


def test_the_queries_of_a_batch_do_not_grow(
    hq: Staff, lin: Staff, huang: Staff
) -> None:
    draft = draft_of(hq, with_days("link", 1))
    season(Random(9), [lin, huang])

    def cost(limit: int) -> int:
        simulation = started(draft, hq)
        with CaptureQueriesContext(connection) as queries:
            attribution.advance(simulation.pk, now=NOW, limit=limit)
        attribution.cancel_simulation(simulation, by=hq, now=NOW)
        return len(queries)

    assert cost(12) == cost(23)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (UNTIL, SINCE),
        (date(2025, 10, 1), UNTIL),
        (UNTIL, date(2026, 11, 21)),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(
    since: date, until: date, hq: Staff
) -> None:
    with pytest.raises(Refused) as refused:
        started(draft_of(hq), hq, since=since, until=until)
    assert refused.value.code == "simulation_period"


def test_one_simulation_of_a_draft_at_a_time(hq: Staff) -> None:
    draft = draft_of(hq)
    started(draft, hq)
    with pytest.raises(Refused) as refused:
        started(draft, hq)
    assert refused.value.code == "simulation_runs"


def test_a_draft_is_published_once_and_from_a_day_ahead(hq: Staff) -> None:
    draft = draft_of(hq, with_days("link", 14))
    make.order(None, 100, placed_at=MIDDLE)
    simulation = finished(started(draft, hq))
    for day in (NOW.date() - DAY, NOW.date()):
        with pytest.raises(Refused) as refused:
            attribution.publish_draft(draft, effective_on=day, by=hq, now=NOW)
        assert refused.value.code == "policy_past"

    tomorrow = NOW.date() + DAY
    policy = attribution.publish_draft(draft, effective_on=tomorrow, by=hq, now=NOW)

    assert policy.effective_from == clock.start_of(tomorrow)
    assert policy.rules == with_days("link", 14)
    told = AuditEntry.objects.get(action="policy.draft_published").facts
    assert (told["simulation"], told["changed_orders"]) == (simulation.pk, 0)
    with pytest.raises(Refused) as again:
        attribution.publish_draft(draft, effective_on=tomorrow, by=hq, now=NOW)
    assert again.value.code == "draft_published"
    with pytest.raises(Refused):
        attribution.revise_draft(draft, draft.rules, name="改", by=hq, now=NOW)


def test_a_draft_thrown_away_leaves_its_simulations(hq: Staff) -> None:
    draft = draft_of(hq)
    simulation = finished(started(draft, hq))
    attribution.discard_draft(draft, by=hq, now=NOW)
    simulation.refresh_from_db()
    assert simulation.draft_id is None
    assert simulation.is_done
