"""Points, coupons and tiers when two records turn out to be one person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import Standing, Tier
from apps.loyalty.models.points import PointEntry, PointLot
from apps.members import services as members
from apps.members.models import Member
from apps.staff.models import Staff
from tests import make
from tests.loyalty.ledger import NOW, account, follow, given, purchase, rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]

DAY = timedelta(days=1)


@pytest.fixture
def hq() -> Staff:
    return make.staff("許雅筑", role=Staff.Role.ADMIN)


def pair(mine: int, theirs: int) -> tuple[Member, Member]:
    """Make two members with so many points each."""
    one, two = make.member("甲"), make.member("乙")
    for member, points in ((one, mine), (two, theirs)):
        if points:
            given(member, points)
    return one, two


def burned(member: Member, points: int, number: str) -> PointEntry:
    return loyalty.burn(
        member, points, source_type="order", source_id=number, now=NOW + DAY
    )


def test_points_move_by_entries_and_come_back(hq: Staff) -> None:
    rule()
    one, two = pair(100, 60)

    merge = members.merge(one, two, by=hq, now=NOW)

    assert (account(one), account(two)) == ((160, 0, 0), (0, 0, 0))
    assert PointLot.objects.filter(member=one).count() == 2
    burned(one, 90, "A-1")

    members.undo_merge(merge, by=hq, now=NOW + DAY)

    assert (account(one), account(two)) == ((10, 0, 0), (60, 0, 0))


def test_points_that_were_used_since_forbid_undoing(hq: Staff) -> None:
    rule()
    one, two = pair(10, 60)
    merge = members.merge(one, two, by=hq, now=NOW)
    burned(one, 30, "A-1")

    with pytest.raises(Refused) as caught:
        members.undo_merge(merge, by=hq, now=NOW + DAY)

    assert caught.value.code == "points_used"


def test_what_was_burned_before_is_given_back_to_the_keeper(hq: Staff) -> None:
    rule()
    one, two = pair(10, 60)
    burned(two, 50, "A-1")
    members.merge(one, two, by=hq, now=NOW + DAY)

    assert loyalty.give_back("order", "A-1", now=NOW + DAY) == 50

    assert (account(one), account(two)) == ((70, 0, 0), (0, 0, 0))


@pytest.mark.parametrize("left", [0, 4_000])
def test_a_refund_after_the_merge_takes_back_what_the_order_earned(
    hq: Staff, left: int
) -> None:
    rule()
    one, two = pair(10, 0)
    follow(purchase(two, 10_000, order_id=77))
    members.merge(one, two, by=hq, now=NOW)
    assert account(one) == (110, 0, 0)

    follow(purchase(one, left, order_id=77))

    assert account(one) == (10 + left // 100, 0, 0)
    assert account(two) == (0, 0, 0)


def test_waiting_points_and_debt_move_too(hq: Staff) -> None:
    rule(release_days=7)
    one, two = pair(0, 0)
    follow(purchase(two, 5_000, order_id=77))
    merge = members.merge(one, two, by=hq, now=NOW)
    assert account(one) == (0, 50, 0)
    members.undo_merge(merge, by=hq, now=NOW)
    assert account(two) == (0, 50, 0)


def test_the_points_of_both_pay_what_either_owes(hq: Staff) -> None:
    rule()
    one, two = pair(30, 0)
    follow(purchase(two, 10_000, order_id=77))
    burned(two, 100, "A-1")
    follow(purchase(two, 0, order_id=77))
    assert account(two) == (0, 0, 100)

    merge = members.merge(one, two, by=hq, now=NOW + 2 * DAY)

    assert (account(one), account(two)) == ((0, 0, 70), (0, 0, 0))
    with pytest.raises(Refused) as caught:
        members.undo_merge(merge, by=hq, now=NOW + 2 * DAY)
    assert caught.value.code == "points_used"


def test_the_higher_tier_stands_and_each_gets_theirs_again(hq: Staff) -> None:
    gold = Tier.objects.create(code="gold", name="金卡", threshold=50_000)
    one, two = make.member("甲"), make.member("乙")
    Standing.objects.create(member=two, tier=gold, since=NOW - DAY, right="manual")

    merge = members.merge(one, two, by=hq, now=NOW)

    held = Standing.objects.get()
    assert (held.member, held.tier, held.right) == (one, gold, "manual")
    assert held.since == NOW - DAY

    members.undo_merge(merge, by=hq, now=NOW)
    assert Standing.objects.get().member == two
    assert Standing.objects.get().since == NOW - DAY
