"""Customers are told once that goods lie ready, and once that their time runs out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.conversations import services as conversations
from apps.conversations.models import Message
from apps.core import clock
from apps.members.models import Identity, Member
from apps.messaging.models import Delivery
from apps.orders import services as orders
from apps.orders.models import Order, Pickup
from apps.staff.models import Staff
from tests import make
from tests.doors.sales import waiting

NOW = clock.now()


@pytest.fixture
def clerk(db: None) -> Staff:
    return make.staff(at=make.store())


@pytest.fixture
def siyu(db: None) -> Member:
    return make.member(on=make.account())


@pytest.fixture
def pickup(clerk: Staff, siyu: Member) -> Pickup:
    store = clerk.postings.get().store
    orders.record([make.order_in(pickup_store_code=store.code)], now=NOW)
    Order.objects.update(member=siyu)
    orders.refresh_members([siyu.pk], now=clock.now())
    return orders.make_ready(Pickup.objects.get(), by=clerk, now=NOW)


def reminded(days: float) -> int:
    return conversations.remind_pickups(now=NOW + timedelta(days=days))


def test_it_says_where_until_when_and_where_the_qr_is(pickup: Pickup) -> None:
    for _click in range(2):
        conversations.tell_pickup_ready(pickup, now=NOW)

    message = Message.objects.get()
    assert f"/m/pickups/{pickup.code}/" in message.text
    assert pickup.store.name in message.text
    assert message.delivery
    assert Delivery.objects.get().state == Delivery.State.QUEUED


def test_whoever_waits_still_shows_what_they_asked(
    pickup: Pickup, siyu: Member
) -> None:
    asked = waiting(siyu, desk="hq")

    conversations.tell_pickup_ready(pickup, now=NOW)

    asked.refresh_from_db()
    assert (asked.preview, asked.is_answered) == ("駝色 M 號有貨嗎？", False)
    assert asked.waiting_since


def test_a_day_before_the_end_it_is_said_once_more(pickup: Pickup) -> None:
    assert [reminded(days) for days in (5.9, 6.1, 6.2)] == [0, 1, 0]
    assert Message.objects.get().facts["auto"] == "pickup_reminder"
    (told,) = conversations.pickup_notices(pickup)
    assert told == Message.objects.get()


def test_laid_out_again_it_is_told_again(pickup: Pickup, clerk: Staff) -> None:
    conversations.tell_pickup_ready(pickup, now=NOW)
    later = NOW + timedelta(days=8)
    orders.expire_pickups(now=later)

    again = orders.make_ready(pickup, by=clerk, now=later)
    conversations.tell_pickup_ready(again, now=later)

    assert Message.objects.count() == 2
    assert again.reminded_at is None


@pytest.mark.parametrize("friend", [Identity.Friend.BLOCKED, Identity.Friend.UNKNOWN])
def test_who_cannot_be_written_to_is_not(
    pickup: Pickup, siyu: Member, friend: str
) -> None:
    siyu.identities.update(friend=friend)
    assert conversations.tell_pickup_ready(pickup, now=NOW) is None
    assert reminded(6.5) == 0


def test_what_was_fetched_is_not_spoken_of(pickup: Pickup, clerk: Staff) -> None:
    whole = {line.pk: line.quantity for line in pickup.lines.all()}
    orders.hand_over(pickup, whole, by=clerk, now=NOW)
    assert reminded(6.5) == 0
