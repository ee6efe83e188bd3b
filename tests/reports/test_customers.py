"""Customer 360 tells what is kept of a customer, in the same few queries for all."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.attribution.models import PageView
from apps.core import clock
from apps.loyalty.models import Standing, Tier
from apps.members.models import Tag
from apps.orders.models import OrderLine
from apps.reports.customers import customer_360, days_to_birthday
from tests import make

pytestmark = pytest.mark.django_db


def test_the_page_tells_who_serves_what_was_bought_and_seen(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now = clock.now()
    member = make.member(phone="+886912000001")
    store = make.store()
    seller = make.staff("林小姐", at=store)
    bond = make.bound(member, seller, store, since=now - timedelta(days=9))
    tier = Tier.objects.create(code="gold", name="金卡", threshold=5_000)
    Standing.objects.create(member=member, tier=tier, since=now)
    for name in ("雙眼皮", "38 號"):
        Tag.objects.create(name=name).members.add(member)
    older = make.order(member, 400, placed_at=now - timedelta(days=5))
    newer = make.order(member, 300, 200, placed_at=now - timedelta(days=3))
    OrderLine.objects.filter(order=newer, net=200).update(name="腰帶")
    coat = make.product()
    for number in range(2):
        PageView.objects.create(
            event_id=f"00000000-0000-0000-0000-00000000000{number}",
            visitor="v", member=member, product=coat, path="/coat", at=now,
        )  # fmt: skip

    with django_assert_num_queries(3):
        told = customer_360(member, now=now)

    assert (told.orders, told.spend_12m, told.days_since_purchase) == (2, 900, 3)
    assert told.tier is not None
    assert (told.tier.code, told.tier.label) == ("gold", "金卡")
    assert told.binding is not None
    assert told.binding.staff_id == seller.pk
    assert (told.binding.staff, told.binding.store) == (seller.label, store.label)
    assert told.binding.since == bond.period.lower
    assert sorted(tag.name for tag in told.tags) == sorted(["雙眼皮", "38 號"])
    assert [each.pk for each in told.purchases] == [newer.pk, older.pk]
    assert told.purchases[0].goods[1] == "腰帶"
    assert (told.purchases[0].channel, told.purchases[0].kept) == ("官網", 500)
    assert [(seen.label, seen.times) for seen in told.viewed] == [("羊毛大衣", 2)]


def test_a_stranger_has_an_empty_page() -> None:
    told = customer_360(make.member(), now=clock.now())

    assert (told.orders, told.spend_12m, told.tier, told.binding) == (0, 0, None, None)
    assert (told.tags, told.purchases, told.viewed) == ([], [], [])
    assert told.days_since_purchase is None
    assert not told.has_birthday_soon


@pytest.mark.parametrize(
    ("birthday", "days"),
    [
        (None, None),
        (date(1990, 12, 31), 0),
        (date(1990, 1, 1), 1),
        (date(1992, 2, 29), 60),  # 1 March in a common year
    ],
)
def test_days_to_the_next_birthday(birthday: date | None, days: int | None) -> None:
    assert days_to_birthday(birthday, today=date(2026, 12, 31)) == days
