"""Members stand where their spending puts them, and only changes are written."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.core.errors import Refused
from apps.loyalty import services as loyalty
from apps.loyalty.models import (
    PointEntry,
    SpendWindow,
    Standing,
    Tier,
    TierChange,
    UpgradeCode,
)
from apps.loyalty.rules.tiers import Spent, judge
from apps.members.models import Member, MemberFacts
from apps.orders import services as orders
from tests import make
from tests.loyalty.ledger import NOW, account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_invariants")]


@pytest.fixture
def tiers(db: None) -> tuple[Tier, Tier, Tier]:
    """Return base, silver (5,000) with a gift, and gold (20,000)."""
    base = Tier.objects.create(code="base", name="一般", threshold=0)
    silver = Tier.objects.create(
        code="silver", name="銀卡", threshold=5_000, renew_amount=2_000, entry_points=50
    )
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    return base, silver, gold


def spender(year: int) -> Member:
    """Make a member with the spending of a year."""
    member = make.member()
    make.order(member, year)
    return member


def tier_of(member: Member) -> str:
    """Return the code of the member's tier."""
    return Standing.objects.get(member=member).tier.code


def test_only_standings_that_change_are_written(tiers: tuple[Tier, ...]) -> None:
    rich, poor = spender(20_000), make.member("張雅婷")
    assert loyalty.review([rich.pk, poor.pk], now=NOW) == 2
    assert loyalty.review([rich.pk, poor.pk], now=NOW) == 0
    assert (tier_of(rich), tier_of(poor)) == ("gold", "base")
    assert TierChange.objects.count() == 2


def test_a_brand_without_tiers_has_nothing_to_review(db: None) -> None:
    spender(20_000)
    assert loyalty.review_tiers(now=NOW) == 0
    assert not Standing.objects.exists()


def test_a_tier_is_held_to_the_end_of_its_last_day(tiers: tuple[Tier, ...]) -> None:
    member = spender(20_000)
    loyalty.review([member.pk], now=NOW)
    MemberFacts.objects.update(spend_12m=100)
    last = datetime(2027, 11, 20, 23, 59, tzinfo=clock.TAIPEI)
    assert loyalty.review_tiers(now=last) == 0
    over = last + timedelta(minutes=1)
    assert loyalty.review_tiers(now=over) == 1
    assert loyalty.review_tiers(now=over) == 0
    change = TierChange.objects.latest("id")
    assert (tier_of(member), change.reason) == ("base", "expiry")


def test_at_the_end_renewal_is_checked(tiers: tuple[Tier, ...]) -> None:
    member = spender(5_000)
    loyalty.review([member.pk], now=NOW)
    MemberFacts.objects.update(spend_12m=2_000)
    later = NOW + timedelta(days=367)
    assert loyalty.review_tiers(now=later) == 1
    standing = Standing.objects.get()
    assert (standing.tier.code, standing.since) == ("silver", NOW)
    assert standing.until is not None
    assert standing.until > later


def test_who_reaches_no_tier_has_no_standing() -> None:
    tier = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    member = make.member()
    day = timedelta(days=1)
    Standing.objects.create(member=member, tier=tier, since=NOW - day, until=NOW)
    assert loyalty.review([member.pk], now=NOW) == 1
    assert not Standing.objects.exists()


def test_a_member_may_read_what_the_next_tier_takes() -> None:
    Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    assert loyalty.placing(make.member()).missing == 20_000


def test_the_gift_of_a_tier_comes_once_with_the_upgrade(
    tiers: tuple[Tier, ...],
) -> None:
    member = spender(0)
    loyalty.review([member.pk], now=NOW)
    MemberFacts.objects.update(spend_12m=6_000)
    loyalty.review([member.pk], now=NOW)
    loyalty.review([member.pk], now=NOW)
    assert account(member) == (50, 0, 0)


def test_a_refund_that_undoes_the_tier_takes_its_gift_back(
    tiers: tuple[Tier, ...],
) -> None:
    buyer = orders.CustomerIn("陳思妤", phone="0912-345-678")
    now = clock.now()
    base = make.order_in("A-0", customer=buyer, lines=(LINE(100),))
    orders.record([base], now=now - timedelta(hours=3))
    orders.record([make.order_in(customer=buyer)], now=now - timedelta(hours=2))
    member = Member.objects.get()
    assert (tier_of(member), account(member)[0]) == ("silver", 50)
    loyalty.burn(member, 30, source_type="order", source_id="x", now=now)

    orders.record_refunds([make.refund_in()], now=now)

    assert tier_of(member) == "base"
    assert TierChange.objects.latest("id").reason == "refund"
    assert account(member) == (0, 0, 30)
    assert PointEntry.objects.filter(kind="reversal").count() == 1


def test_a_window_that_moves_on_undoes_nothing(tiers: tuple[Tier, ...]) -> None:
    buyer = orders.CustomerIn("陳思妤", phone="0912-345-678")
    now = clock.now()
    placed = now - timedelta(days=360)
    orders.record([make.order_in(customer=buyer, placed_at=placed)], now=now)
    orders.slide(now=now + timedelta(days=10))
    assert MemberFacts.objects.get().spend_12m == 0
    assert tier_of(Member.objects.get()) == "silver"


def test_single_orders_and_other_windows_are_kept_by_the_intake() -> None:
    Tier.objects.create(
        code="big", name="單筆", threshold=5_000, upgrade_by="order", upgrade_months=3
    )
    buyer = orders.CustomerIn("陳思妤", phone="0912-345-678")
    now = clock.now()
    small = make.order_in("A-2", customer=buyer, lines=(LINE(4_000),))
    orders.record([small, replace_number(small, "A-3")], now=now)
    assert not Standing.objects.exists()
    orders.record([make.order_in("A-4", customer=buyer, lines=(LINE(5_000),))], now=now)
    assert tier_of(Member.objects.get()) == "big"
    window = SpendWindow.objects.get(months=3)
    assert (window.spend, window.best_order) == (13_000, 5_000)


def LINE(price: int) -> orders.LineIn:  # noqa: N802  (reads as a row of a table)
    """Return a line of the price."""
    return orders.LineIn("1", "coat-01-M", "羊毛大衣", 1, price)


def replace_number(order: orders.OrderIn, number: str) -> orders.OrderIn:
    """Return the same order under another number."""
    return make.order_in(number, customer=order.customer, lines=order.lines)


def test_a_tier_set_by_hand_has_a_reason_and_an_end(tiers: tuple[Tier, ...]) -> None:
    _base, _silver, gold = tiers
    member, hq = spender(0), make.staff(role="marketing")
    end = NOW + timedelta(days=30)
    with pytest.raises(Refused, match="原因"):
        loyalty.set_tier(member, gold, until=end, reason=" ", by=hq, now=NOW)
    with pytest.raises(Refused, match="以後"):
        loyalty.set_tier(member, gold, until=NOW, reason="活動", by=hq, now=NOW)
    loyalty.set_tier(member, gold, until=end, reason="活動", by=hq, now=NOW)
    assert loyalty.doubts([member.pk]) == []
    assert loyalty.review_tiers(now=NOW) == 0
    assert loyalty.review_tiers(now=end) == 1
    assert tier_of(member) == "base"


def test_a_tier_by_hand_ends_for_who_never_bought(tiers: tuple[Tier, ...]) -> None:
    member, hq = make.member(), make.staff(role="marketing")
    end = NOW + timedelta(days=9)
    loyalty.set_tier(member, tiers[2], until=end, reason="活動", by=hq, now=NOW)
    assert loyalty.review_tiers(now=end) == 1
    assert tier_of(member) == "base"


def test_a_code_lifts_each_member_once(tiers: tuple[Tier, ...]) -> None:
    _base, silver, _gold = tiers
    end = NOW + timedelta(days=30)
    UpgradeCode.objects.create(
        code="VIP26", tier=silver, ends_at=end, max_uses=1, created_at=NOW
    )
    one, two = spender(0), spender(0)
    loyalty.redeem_upgrade_code(one, " vip26 ", now=NOW)
    assert (tier_of(one), account(one)[0]) == ("silver", 50)
    for member, code, at, why in (
        (one, "VIP26", NOW, "code_used"),
        (two, "VIP26", NOW, "code_empty"),
        (two, "VIP27", NOW, "code_unknown"),
        (two, "VIP26", end, "code_over"),
    ):
        with pytest.raises(Refused) as refusal:
            loyalty.redeem_upgrade_code(member, code, now=at)
        assert refusal.value.code == why


AMOUNTS = st.sampled_from([-1, 0, 1_999, 2_000, 4_999, 5_000, 19_999, 20_000])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    people=st.lists(
        st.tuples(AMOUNTS, AMOUNTS, st.integers(-1, 2), st.booleans()), max_size=8
    )
)
def test_the_statements_decide_as_the_rule_does(
    tiers: tuple[Tier, ...], people: list[tuple[int, int, int, bool]]
) -> None:
    Tier.objects.filter(code="gold").update(upgrade_by="lifetime")
    rungs = loyalty.rungs()
    expected = {}
    for life, year, held, is_over in people:
        member = make.member()
        MemberFacts.objects.create(member=member, spend=life, spend_12m=year)
        if held >= 0:
            until = NOW if is_over else NOW + timedelta(seconds=1)
            Standing.objects.create(
                member=member, tier=tiers[held], since=NOW - timedelta(9), until=until
            )
        held_id = tiers[held].pk if held >= 0 else None
        verdict = judge(
            Spent(life, {12: year}), rungs, held_id=held_id, is_over=is_over
        )
        if verdict is not None:
            expected[member.pk] = (verdict.tier_id, verdict.reason)
    loyalty.review_tiers(now=NOW)
    told = TierChange.objects.filter(member__in=expected)
    assert {c.member_id: (c.after_id, c.reason) for c in told} == expected
    assert loyalty.review_tiers(now=NOW) == 0
    Standing.objects.all().delete()
    MemberFacts.objects.all().delete()


def test_the_nightly_command_takes_a_day(tiers: tuple[Tier, ...]) -> None:
    spender(5_000)
    said = StringIO()
    call_command("review_tiers", "--date=2026-11-21", stdout=said)
    call_command("review_tiers", "--date=2026-11-21", stdout=said)
    assert said.getvalue() == "1 members moved\n0 members moved\n"
