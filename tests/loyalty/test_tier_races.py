"""What is bought while the night's review runs counts: it decides again, or waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.loyalty import services as loyalty
from apps.loyalty.models import Standing, Tier, TierChange
from apps.loyalty.services import tier_sql
from apps.members.models import Member, MemberFacts
from tests import make
from tests.loyalty.ledger import NOW

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.breaks_invariants("facts are set by hand, without their orders"),
]

PAUSE = ("select * from everybody", "select everybody.* from everybody, pg_sleep(1)")


@pytest.fixture
def over(transactional_db: None) -> Member:
    """Return who held gold by spending that is too old, until a moment ago."""
    Tier.objects.create(code="base", name="一般", threshold=0)
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    member = make.member()
    MemberFacts.objects.update_or_create(
        member=member, defaults={"spend": 20_000, "spend_12m": 100}
    )
    Standing.objects.update_or_create(
        member=member,
        defaults={"tier": gold, "since": NOW - timedelta(365), "until": NOW},
    )
    return member


def beside(work: Callable[[], object]) -> object:
    """Do the work in a thread that has its own connection."""
    try:
        return work()
    finally:
        connection.close()


def buy(member: Member) -> None:
    """Keep the facts of a purchase, as the intake does: under the member's lock."""
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    MemberFacts.objects.filter(member=member).update(spend_12m=20_000)


def test_a_purchase_under_way_is_waited_for(over: Member) -> None:
    held, go_on = threading.Event(), threading.Event()

    def shop() -> None:
        with transaction.atomic():
            buy(over)
            held.set()
            go_on.wait(timeout=20)

    with ThreadPoolExecutor(2) as pool:
        shopping = pool.submit(beside, shop)
        assert held.wait(timeout=20)
        night = pool.submit(beside, lambda: loyalty.review_tiers(now=NOW))
        go_on_soon = threading.Timer(0.5, go_on.set)
        go_on_soon.start()
        shopping.result(timeout=20)
        assert night.result(timeout=20) == 1
    assert Standing.objects.get(member=over).tier.code == "gold"
    assert [change.reason for change in TierChange.objects.all()] == ["renewal"]


def paused(*, guarded: bool = True) -> str:
    """Return the night's statement, asleep between looking and locking."""
    statement = tier_sql.review_of(loyalty.rungs(), now=NOW).move_next
    assert PAUSE[0] in statement
    statement = statement.replace(*PAUSE)
    if not guarded:
        statement = statement.replace("facts.ctid = due.facts_at and ", "").replace(
            "from judged where is_same", "from judged"
        )
    return statement


def moved_while(statement: str, change: Callable[[], object]) -> tuple[int, object]:
    """Change something while the statement sleeps; return who moved, who was left."""

    def night() -> tuple[int, object]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"now": NOW, "most": 100})
            _found, moved, _given, left = cursor.fetchone()
        return moved, left

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(beside, night)
        threading.Event().wait(0.4)
        with transaction.atomic():
            change()
        return running.result(timeout=20)  # type: ignore[return-value]


def test_what_was_bought_since_the_look_is_left_for_another(over: Member) -> None:
    assert moved_while(paused(), lambda: buy(over)) == (0, [over.pk])
    assert loyalty.review_tiers(now=NOW) == 1
    assert Standing.objects.get(member=over).tier.code == "gold"


def test_without_the_guard_the_purchase_would_be_lost(over: Member) -> None:
    assert moved_while(paused(guarded=False), lambda: buy(over)) == (1, None)
    assert Standing.objects.get(member=over).tier.code == "base"


def test_a_standing_that_changed_since_the_look_is_left(over: Member) -> None:
    def lengthen() -> None:
        Member.objects.select_for_update(no_key=True).get(pk=over.pk)
        Standing.objects.filter(member=over).update(until=NOW + timedelta(30))

    assert moved_while(paused(), lengthen) == (0, [over.pk])
    assert loyalty.review_tiers(now=NOW) == 0
    assert Standing.objects.get(member=over).until == NOW + timedelta(30)
