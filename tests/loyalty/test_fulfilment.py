"""Points that wait for the goods: from their fulfilment on, whichever came first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import PointEntry, PointLot
from apps.loyalty.rules.points import FULFILLED, PAID
from apps.members.models import Member
from tests import make
from tests.loyalty.ledger import NOW, account, follow, given, purchase, rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]
DAY = timedelta(days=1)
PAID_AT = NOW - DAY


def told(
    buyer: Member, left: int = 1_000, *, done: datetime | None = None, **fields: object
) -> loyalty.Purchase:
    """Return the order 7 as somebody tells of it."""
    return purchase(buyer, left, order_id=7, fulfilled_at=done, **fields)


def test_nothing_is_released_before_the_goods_have_come() -> None:
    rule(release_from=FULFILLED)
    follow(told(chen := make.member()))
    assert account(chen) == (0, 10, 0)
    assert PointLot.objects.get().available_at is None

    years = NOW + 1_000 * DAY
    assert loyalty.release_points(now=years) == 0
    assert loyalty.balance(chen, now=years).available == 0
    assert loyalty.balance(chen, now=years).pending == 10

    assert follow(told(chen, done=NOW)) == 1
    assert follow(told(chen, done=NOW)) == 0
    assert account(chen) == (10, 0, 0)
    kinds = PointEntry.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["earn", "release"]


def test_the_days_count_from_the_goods() -> None:
    rule(release_from=FULFILLED, release_days=7)
    follow(told(chen := make.member()))
    follow(told(chen, done=NOW))
    assert account(chen) == (0, 10, 0)
    over = clock.end_of(clock.day_of(NOW) + 7 * DAY)
    assert loyalty.release_points(now=over - timedelta(seconds=1)) == 0
    assert loyalty.release_points(now=over) == 1
    assert loyalty.release_points(now=over) == 0
    assert account(chen) == (10, 0, 0)


def test_goods_taken_back_stop_what_still_waits_and_nothing_else() -> None:
    rule(release_from=FULFILLED, release_days=7)
    follow(told(chen := make.member(), done=NOW))
    assert follow(told(chen)) == 1
    assert loyalty.release_points(now=NOW + 30 * DAY) == 0
    assert follow(told(chen, done=NOW + 2 * DAY), now=NOW + 2 * DAY) == 1

    later = NOW + 30 * DAY  # of use since the tenth day, though no night has run
    assert follow(told(chen), now=later) == 0
    assert loyalty.balance(chen, now=later).available == 10
    loyalty.release_points(now=later)
    assert follow(told(chen), now=later) == 0
    assert account(chen) == (10, 0, 0)


def test_an_order_cancelled_before_its_goods_came_leaves_nothing() -> None:
    rule(release_from=FULFILLED)
    follow(told(chen := make.member()))
    follow(told(chen, 0))
    assert account(chen) == (0, 0, 0)
    assert follow(told(chen, 0, done=NOW)) == 0


def test_a_refund_before_and_one_after_the_goods_came() -> None:
    rule(release_from=FULFILLED)
    chen = make.member()
    given(chen, 50)
    follow(told(chen, 3_000))
    follow(told(chen, 2_000))
    assert account(chen) == (50, 20, 0)
    follow(told(chen, 2_000, done=NOW))
    assert account(chen) == (70, 0, 0)
    follow(told(chen, 500, done=NOW))
    assert account(chen) == (55, 0, 0)


def test_what_becomes_of_use_pays_debt_first() -> None:
    rule(release_from=FULFILLED)
    chen = make.member()
    follow(first := purchase(chen, 2_000, order_id=3, fulfilled_at=NOW))
    loyalty.burn(chen, 20, source_type="order", source_id="a", now=NOW)
    follow(told(chen, 5_000))
    follow(purchase(chen, 0, order_id=first.order_id, fulfilled_at=NOW))
    assert account(chen) == (0, 50, 20)
    follow(told(chen, 5_000, done=NOW))
    assert account(chen) == (30, 0, 0)


ARRIVALS = [
    [(None, None), (PAID_AT, None), (PAID_AT, NOW)],
    [(None, None), (None, NOW), (PAID_AT, NOW)],
    [(None, NOW), (PAID_AT, NOW), (PAID_AT, NOW)],
    [(PAID_AT, NOW)],
]


@pytest.mark.parametrize("arrival", ARRIVALS)
def test_payment_and_goods_come_in_any_order(
    arrival: Sequence[tuple[datetime | None, datetime | None]],
) -> None:
    rule(release_from=FULFILLED, release_days=1)
    chen = make.member()
    for paid_at, done in arrival:
        follow(told(chen, done=done, paid_at=paid_at))
    lot = PointLot.objects.get(reversed_at=None)
    assert lot.available_at == clock.end_of(clock.day_of(NOW) + DAY)
    assert (lot.earned_at, account(chen)) == (PAID_AT, (0, 10, 0))


def test_points_that_wait_die_by_when_they_were_earned() -> None:
    rule(release_from=FULFILLED, expiry="days", expiry_days=10)
    follow(told(chen := make.member()))
    assert loyalty.expire_points(now=NOW + 30 * DAY) == 1
    assert account(chen) == (0, 0, 0)
    assert follow(told(chen, done=NOW + 31 * DAY), now=NOW + 31 * DAY) == 0


@pytest.mark.parametrize("since", [PAID, FULFILLED])
def test_another_version_never_moves_what_was_earned(since: str) -> None:
    rule(date(2024, 1, 1), release_from=since, release_days=7)
    follow(told(chen := make.member()))
    before = PointLot.objects.values("available_at", "rule").get()
    rule(date(2026, 11, 1), release_from=PAID if since == FULFILLED else FULFILLED)
    assert follow(told(chen)) == 0
    assert PointLot.objects.values("available_at", "rule").get() == before
    done = told(chen, done=NOW + 5 * DAY)
    assert follow(done, now=NOW + 5 * DAY) == (1 if since == FULFILLED else 0)


def test_an_order_that_waits_is_moved_whole_by_its_buyer() -> None:
    rule(release_from=FULFILLED)
    chen, wang = make.member(), make.member("王")
    follow(told(chen))
    follow(told(wang, done=NOW))
    assert (account(chen), account(wang)) == ((0, 0, 0), (10, 0, 0))


def test_the_database_knows_since_when_points_are_of_use() -> None:
    rule(release_from=FULFILLED)
    follow(told(make.member()))
    with pytest.raises(IntegrityError), transaction.atomic():
        PointLot.objects.update(is_released=True)
