"""A visitor who signs in: what the browser did becomes the member's, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings

from apps.attribution import services as attribution
from apps.attribution import tasks
from apps.attribution.models import Credit, PageView, Touch
from apps.core import clock
from apps.members.models import Member
from apps.orders.models import Order
from apps.staff.models import Staff
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 21, 12, tzinfo=clock.TAIPEI)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
VISITOR = "0f" * 16


@pytest.fixture(autouse=True)
def _shop(settings: Settings) -> None:
    settings.SHOP_URL = "https://shop.example"


@pytest.fixture
def lin(db: None) -> Staff:
    return make.staff("林怡君", at=make.store())


def clicked(staff: Staff, at: datetime, *, member: Member | None = None) -> None:
    """Let the visitor follow the person's link, sent to the member or to nobody."""
    link = attribution.make_link(staff, None, member=member, product=None, now=at)
    attribution.follow_link(link.code, visitor=VISITOR, now=at)


def winner(order: Order) -> tuple[str, int | None]:
    """Return who holds the order's line."""
    own = Credit.objects.get(line__order=order, superseded_at=None)
    return own.decision.basis, own.staff_id


def test_clicks_and_views_become_the_members(
    lin: Staff, drain: Callable[[], list[str]]
) -> None:
    buyer = make.member()
    clicked(lin, NOW - DAY)
    PageView.objects.create(event_id=uuid4(), visitor=VISITOR, path="/", at=NOW - DAY)
    order = make.order(buyer, 1_000, placed_at=NOW)
    early = make.order(buyer, 1_000, placed_at=NOW - 2 * DAY)
    long_after = make.order(buyer, 1_000, placed_at=NOW + 40 * DAY)
    tasks.credit_pending()
    attribution.credit([long_after.pk], now=NOW)

    assert attribution.resolve_visitor(VISITOR, buyer, now=NOW + MINUTE) == 1

    waiting = Order.objects.filter(credit_due_at__isnull=False)
    assert [row.pk for row in waiting] == [order.pk]
    drain()
    assert winner(order) == ("link", lin.pk)
    assert winner(early) == winner(long_after) == ("house", None)
    assert PageView.objects.get().member == buyer

    attribution.resolve_visitor(VISITOR, buyer, now=NOW + DAY)
    assert Touch.objects.count() == 1
    assert not Order.objects.filter(credit_due_at__isnull=False).exists()


def test_a_settled_order_stays_as_it_was(lin: Staff) -> None:
    buyer = make.member()
    clicked(lin, NOW - DAY)
    order = make.order(buyer, 1_000, placed_at=NOW)
    tasks.credit_pending()
    attribution.settle(NOW.date().replace(day=1), now=NOW + MINUTE)
    attribution.resolve_visitor(VISITOR, buyer, now=NOW + DAY)
    assert winner(order) == ("house", None)
    assert not Order.objects.filter(credit_due_at__isnull=False).exists()


def test_a_link_passed_on_counts_for_who_opened_it(lin: Staff) -> None:
    friend, buyer = make.member("朋友"), make.member()
    clicked(lin, NOW - DAY, member=friend)
    attribution.resolve_visitor(VISITOR, buyer, now=NOW)
    order = make.order(buyer, 1_000, placed_at=NOW)
    attribution.credit([order.pk], now=NOW)
    assert winner(order) == ("link", lin.pk)


def test_a_known_visitors_next_click_is_the_members_at_once(lin: Staff) -> None:
    buyer = make.member()
    attribution.resolve_visitor(VISITOR, buyer, now=NOW - DAY)
    clicked(lin, NOW - MINUTE)
    assert Touch.objects.get().member == buyer


def test_a_device_that_changes_hands_keeps_the_past_apart(lin: Staff) -> None:
    first, second = make.member("先前的"), make.member("後來的")
    clicked(lin, NOW - 3 * DAY)
    attribution.resolve_visitor(VISITOR, first, now=NOW - 2 * DAY)
    assert attribution.resolve_visitor(VISITOR, second, now=NOW - DAY) == 0
    clicked(lin, NOW - MINUTE)
    own = Touch.objects.order_by("at").values_list("member", flat=True)
    assert list(own) == [first.pk, second.pk]


def test_nobody_is_no_visitor() -> None:
    assert attribution.resolve_visitor("", make.member(), now=NOW) == 0
