"""Members stand where their spending puts them, and only changes are written."""

from __future__ import annotations

import pytest

from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import Standing, Tier
from apps.members.models import MemberFacts
from tests import make

pytestmark = pytest.mark.django_db
NOW = clock.now()


def test_only_standings_that_change_are_written() -> None:
    basic = Tier.objects.create(code="basic", name="一般", threshold=0)
    gold = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    rich, poor = make.member("陳思妤"), make.member("張雅婷")
    MemberFacts.objects.create(member=rich, spend_12m=20_000)

    assert loyalty.review([rich.pk, poor.pk], now=NOW) == 2
    assert loyalty.review([rich.pk, poor.pk], now=NOW) == 0
    assert dict(Standing.objects.values_list("member", "tier")) == {
        rich.pk: gold.pk,
        poor.pk: basic.pk,
    }

    MemberFacts.objects.update(spend_12m=19_999)
    assert loyalty.review([rich.pk, poor.pk], now=NOW) == 1


def test_who_reaches_no_tier_has_no_standing() -> None:
    tier = Tier.objects.create(code="gold", name="金卡", threshold=20_000)
    member = make.member()
    Standing.objects.create(member=member, tier=tier, since=NOW)

    assert loyalty.review([member.pk], now=NOW) == 1
    assert not Standing.objects.exists()


def test_a_member_may_read_what_the_next_tier_takes() -> None:
    Tier.objects.create(code="gold", name="金卡", threshold=20_000)

    assert loyalty.placing(make.member()).missing == 20_000
