"""Coupons put tags on members who receive, open and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.loyalty import services as loyalty
from apps.loyalty.models import Coupon
from apps.members import services as members
from apps.members.models import Member, MemberTag, Tag
from tests import make
from tests.loyalty.coupons import NOW, basket, copy_of, coupon, redeem

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def design() -> Coupon:
    got, seen, used = (
        Tag.objects.create(name=name, days=days)
        for name, days in (("領券", 30), ("看券", None), ("用券", None))
    )
    return coupon(
        received_tag=got, opened_tag=seen, redeemed_tag=used, most_per_member=9
    )


def counts(member: Member) -> dict[str, int]:
    rows = MemberTag.objects.filter(member=member)
    return dict(rows.values_list("tag__name", "count"))


def test_each_step_gives_its_tag_once(design: Coupon) -> None:
    siyu = make.member()
    copy = copy_of(design, siyu)
    assert counts(siyu) == {"領券": 1}
    for _twice in range(2):
        loyalty.open_coupon(copy, now=NOW)
        assert counts(siyu) == {"領券": 1, "看券": 1}
    for _twice in range(2):
        use = redeem(copy)
        assert counts(siyu) == {"領券": 1, "看券": 1, "用券": 1}
    row = MemberTag.objects.get(tag__name="領券")
    assert (row.source, row.last_day) == ("coupon", NOW.date() + 30 * DAY)

    loyalty.void(use, reason="退貨", by=None, now=NOW)
    assert counts(siyu)["用券"] == 1
    redeem(copy, "A-2", now=NOW + DAY)
    assert counts(siyu)["用券"] == 1
    redeem(copy_of(design, siyu), "A-3")
    assert counts(siyu) == {"領券": 2, "看券": 2, "用券": 2}


def test_using_it_unopened_opens_it(design: Coupon) -> None:
    siyu = make.member()
    redeem(copy_of(design, siyu))
    assert counts(siyu) == {"領券": 1, "看券": 1, "用券": 1}


def test_holding_it_for_an_order_is_not_using_it(design: Coupon) -> None:
    siyu = make.member()
    copy = copy_of(design, siyu)
    loyalty.reserve(
        copy.code, basket=basket(), now=NOW,
        order_source="shop", order_external_id="A-1",
    )  # fmt: skip
    assert counts(siyu) == {"領券": 1}
    redeem(copy)
    assert counts(siyu) == {"領券": 1, "看券": 1, "用券": 1}


def test_a_copy_that_is_anybodys_tags_who_shows_it(design: Coupon) -> None:
    siyu = make.member()
    code, other = loyalty.issue_bearer(design, 2, by=None, now=NOW)
    use = {"basket": basket(), "order_source": "shop", "now": NOW}
    loyalty.redeem(code, order_external_id="A-1", member=siyu, **use)  # type: ignore[arg-type]
    loyalty.redeem(other, order_external_id="A-2", **use)  # type: ignore[arg-type]
    assert counts(siyu) == {"看券": 1, "用券": 1}
    assert MemberTag.objects.count() == 2


def test_a_test_copy_leaves_no_trace(design: Coupon) -> None:
    draft = coupon(received_tag=design.received_tag, state=Coupon.State.DRAFT)
    siyu = make.member()
    (tried,) = loyalty.issue(draft, [siyu.pk], source="test", now=NOW)
    assert isinstance(tried, loyalty.Issued)
    assert counts(siyu) == {}


def test_an_archived_tag_is_not_given_and_a_merged_one_leads_on(
    design: Coupon,
) -> None:
    hq, kept = make.staff("許雅筑", role="admin"), Tag.objects.create(name="用過券")
    assert design.redeemed_tag is not None
    assert design.received_tag is not None
    members.archive_tag(design.received_tag, by=hq, now=NOW)
    members.merge_tags(design.redeemed_tag, kept, by=hq, now=NOW)
    siyu = make.member()
    redeem(copy_of(design, siyu))
    assert counts(siyu) == {"看券": 1, "用過券": 1}


@pytest.mark.parametrize("many", [1, 300])
def test_issuing_tags_all_in_a_few_statements(
    design: Coupon,
    many: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = [make.member().pk for _n in range(many)]
    with django_assert_max_num_queries(15):
        loyalty.issue(design, ids, source="hq", now=NOW)
    assert MemberTag.objects.count() == many
