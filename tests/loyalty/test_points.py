"""Points follow purchases, are used first in first out, and are never for free."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointAccount, PointEntry, PointLot, Tier, TierChange
from tests import make
from tests.loyalty.ledger import NOW, account, follow, given, purchase, rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]


def test_a_purchase_earns_once_however_often_it_is_told() -> None:
    rule()
    bought = purchase(chen := make.member(), 3_280)
    assert follow(bought) == 1
    assert follow(bought) == 0
    assert account(chen) == (32, 0, 0)
    assert PointEntry.objects.get().balance_after == 32


def test_a_batch_takes_the_same_statements_as_one() -> None:
    rule()
    few = [purchase(make.member(), 500)]
    many = [purchase(make.member(), 500) for _ in range(200)]
    counts = []
    for batch in (few, many):
        with connection.execute_wrapper(tally := _Tally()):
            follow(*batch)
        counts.append(tally.count)
    assert counts[0] == counts[1] <= 12


class _Tally:
    """Counts the statements that go by."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute, *args):  # type: ignore[no-untyped-def]
        self.count += 1
        return execute(*args)


def test_a_partial_refund_takes_all_back_and_awards_the_remainder() -> None:
    rule()
    follow(bought := purchase(chen := make.member(), 3_280, order_id=7))
    follow(purchase(chen, 1_990, order_id=7))
    assert account(chen) == (19, 0, 0)
    kinds = list(PointEntry.objects.order_by("id").values_list("kind", "points"))
    assert kinds == [("earn", 32), ("reversal", -32), ("earn", 19)]
    assert follow(purchase(chen, 1_990, order_id=7)) == 0
    follow(bought)  # the refund was taken back
    assert account(chen) == (32, 0, 0)
    follow(purchase(chen, 0, order_id=7))
    assert account(chen) == (0, 0, 0)
    follow(bought)
    assert account(chen) == (32, 0, 0)


def test_what_was_used_of_refunded_points_becomes_debt_that_later_points_pay() -> None:
    rule()
    chen = make.member()
    follow(purchase(chen, 10_000, order_id=7))
    loyalty.burn(chen, 80, source_type="order", source_id="shop/1", now=NOW)

    follow(purchase(chen, 0, order_id=7))
    assert account(chen) == (0, 0, 80)
    assert loyalty.balance(chen, now=NOW).debt == 80
    with pytest.raises(Refused, match="可用點數不足"):
        loyalty.burn(chen, 1, source_type="order", source_id="shop/2", now=NOW)

    follow(purchase(chen, 5_000))
    assert account(chen) == (0, 0, 30)
    given(chen, 100)
    assert account(chen) == (70, 0, 0)


def test_a_partial_refund_leaves_other_points_where_they_are() -> None:
    rule()
    chen = make.member()
    follow(purchase(chen, 10_000, order_id=7))
    loyalty.burn(chen, 40, source_type="order", source_id="shop/1", now=NOW)
    given(chen, 200)

    follow(purchase(chen, 5_000, order_id=7))

    assert account(chen) == (210, 0, 0)
    remaining = PointLot.objects.filter(remaining__gt=0).order_by("id")
    assert [lot.remaining for lot in remaining] == [200, 10]


def test_pending_points_wait_for_the_return_window() -> None:
    rule(release_days=7)
    chen = make.member()
    paid = datetime(2026, 11, 10, 15, tzinfo=clock.TAIPEI)
    follow(purchase(chen, 3_000, placed_at=paid), now=paid)
    assert account(chen) == (0, 30, 0)
    last = datetime(2026, 11, 17, 23, 59, tzinfo=clock.TAIPEI)
    assert loyalty.balance(chen, now=last).available == 0
    with pytest.raises(Refused):
        loyalty.burn(chen, 1, source_type="order", source_id="a", now=last)

    over = last + timedelta(minutes=1)
    assert loyalty.quote(chen, basket_total=1_000, now=over).burnable == 30
    loyalty.burn(chen, 30, source_type="order", source_id="a", now=over)
    assert account(chen) == (0, 0, 0)


def test_a_refund_in_the_window_touches_only_what_waits() -> None:
    rule(release_days=7)
    chen = make.member()
    given(chen, 50)
    follow(purchase(chen, 3_000, order_id=7))
    follow(purchase(chen, 1_000, order_id=7))
    assert account(chen) == (50, 10, 0)


def test_points_are_used_first_in_first_out() -> None:
    rule()
    chen = make.member()
    for days in (3, 9, 6):
        at = NOW - timedelta(days=days)
        follow(purchase(chen, 1_000, placed_at=at), now=at)
    loyalty.burn(chen, 15, source_type="order", source_id="a", now=NOW)
    left = PointLot.objects.order_by("earned_at").values_list("remaining", flat=True)
    assert list(left) == [0, 5, 10]


def test_what_is_given_back_lives_as_long_as_it_would_have() -> None:
    rule(expiry="days", expiry_days=30)
    chen = make.member()
    follow(purchase(chen, 1_000))
    loyalty.burn(chen, 4, source_type="order", source_id="a", now=NOW)
    assert loyalty.give_back("order", "a", now=NOW) == 4
    assert loyalty.give_back("order", "a", now=NOW) == 0
    assert loyalty.give_back("order", "unknown", now=NOW) == 0
    assert account(chen) == (10, 0, 0)
    assert PointLot.objects.values("expires_at").distinct().count() == 1
    with pytest.raises(Refused):
        loyalty.burn(chen, 4, source_type="order", source_id="a", now=NOW)


def test_the_same_burn_again_is_the_same_burn() -> None:
    chen = make.member()
    given(chen, 10)
    first = loyalty.burn(chen, 4, source_type="order", source_id="a", now=NOW)
    again = loyalty.burn(chen, 4, source_type="order", source_id="a", now=NOW)
    assert first == again
    with pytest.raises(Refused):
        loyalty.burn(chen, 5, source_type="order", source_id="a", now=NOW)


def test_a_grant_is_given_once_to_each() -> None:
    people = [make.member().pk for _ in range(3)]

    def grant(ids: list[int]) -> list[int]:
        return loyalty.grant(ids, 10, source_type="campaign", source_id="1", now=NOW)

    assert grant(people[:2]) == people[:2]
    assert grant(people) == people[2:]


def test_an_order_of_somebody_else_takes_its_points_along() -> None:
    rule()
    chen, wang = make.member(), make.member("王")
    follow(purchase(chen, 1_000, order_id=7))
    follow(purchase(wang, 1_000, order_id=7))
    assert (account(chen), account(wang)) == ((0, 0, 0), (10, 0, 0))


def test_the_tier_before_the_purchase_multiplies_and_stays_with_it() -> None:
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    rule(multipliers={gold: 15_000})
    chen = make.member()
    TierChange.objects.create(
        member=chen, after=gold, reason="upgrade", at=NOW - timedelta(days=5)
    )
    early = purchase(chen, 1_990, placed_at=NOW - timedelta(days=6))
    follow(early, purchase(chen, 1_990, order_id=7))
    assert account(chen)[0] == 19 + 29
    TierChange.objects.create(
        member=chen, before=gold, reason="expiry", at=NOW - timedelta(days=3)
    )
    follow(purchase(chen, 1_000, order_id=7))
    assert account(chen)[0] == 19 + 15


def test_a_changed_rule_never_alters_what_was_earned() -> None:
    rule(date(2024, 1, 1), expiry="days", expiry_days=365)
    chen = make.member()
    follow(purchase(chen, 2_000, order_id=7))
    before = PointLot.objects.values("expires_at", "computed").get()
    rule(date(2026, 11, 1), spend=10)
    assert follow(purchase(chen, 2_000, order_id=7)) == 0
    assert PointLot.objects.values("expires_at", "computed").get() == before
    follow(purchase(chen, 1_000, order_id=7))
    assert account(chen) == (10, 0, 0)


def test_refunded_points_that_had_died_are_not_taken_twice() -> None:
    rule(expiry="days", expiry_days=10)
    chen = make.member()
    at = NOW - timedelta(days=20)
    follow(purchase(chen, 10_000, order_id=7, placed_at=at), now=at)
    loyalty.burn(chen, 40, source_type="order", source_id="a", now=at)
    assert loyalty.quote(chen, basket_total=9_000, now=NOW).available == 0
    # Half of it is refunded after the other sixty died: fifty would have been earned,
    # forty were used, so that nothing is owed.
    follow(purchase(chen, 5_000, order_id=7, placed_at=at))
    assert account(chen) == (0, 0, 0)
    assert follow(purchase(chen, 5_000, order_id=7, placed_at=at)) == 0
    follow(purchase(chen, 3_000, order_id=7, placed_at=at))
    assert account(chen) == (0, 0, 10)


REFUSED = [
    "update loyalty_pointentry set points = 1000",
    "delete from loyalty_pointentry",
    "truncate loyalty_pointentry cascade",
    "update loyalty_pointuse set points = 1",
    "update loyalty_pointaccount set balance = 1000",
    "delete from loyalty_pointaccount",
    "update loyalty_tierchange set note = 'x'",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_to_change_the_ledger(statement: str) -> None:
    chen = make.member()
    TierChange.objects.create(member=chen, reason="start", at=NOW)
    given(chen, 10)
    loyalty.burn(chen, 1, source_type="order", source_id="a", now=NOW)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)


def test_an_account_is_opened_empty_and_no_entry_overdraws_it() -> None:
    chen = make.member()
    with pytest.raises(IntegrityError), transaction.atomic():
        PointAccount.objects.create(member=chen, balance=5)
    PointAccount.objects.create(member=chen)
    with pytest.raises(IntegrityError), transaction.atomic():
        PointEntry.objects.create(
            member=chen, kind="burn", points=-1, source_type="x", source_id="1", at=NOW
        )


def test_an_entry_is_reversed_once_and_not_beyond_its_worth() -> None:
    chen = make.member()
    given(chen, 10)
    given(chen, 90)
    entry = PointEntry.objects.earliest("id")
    facts = {"member": chen, "kind": "reversal", "source_type": "entry", "at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        PointEntry.objects.create(points=-11, source_id="1", reverses=entry, **facts)
    assert loyalty.take_back([entry.pk], now=NOW) == 1
    assert loyalty.take_back([entry.pk], now=NOW) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        PointEntry.objects.create(points=-1, source_id="2", reverses=entry, **facts)
