"""Who is told that points and coupons die soon, how often, and what they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apps.conversations import services as conversations
from apps.conversations.models import Conversation, Message
from apps.conversations.services import threads
from apps.core import clock
from apps.loyalty import services as loyalty
from apps.loyalty.models import ExpiryNotice, ExpiryTold, LoyaltySettings, PointRule
from apps.members import services as members
from apps.members.models import Identity, Member
from apps.messaging.models import Delivery
from tests import make
from tests.loyalty import coupons

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=clock.TAIPEI)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _on(db: None) -> None:
    LoyaltySettings.objects.create(pk=1, points_days=7, coupon_days=3)
    PointRule.objects.create(
        starts_on=(NOON - 400 * DAY).date(), expiry="days", expiry_days=30,
        created_at=NOON,
    )  # fmt: skip


def reachable(name: str = "陳思妤", *, agrees: bool = True) -> Member:
    """Make a friend on LINE who agreed to hear of offers there."""
    person = make.member(name, on=make.account())
    if agrees:
        members.say(person, "line", "marketing", is_granted=True,
                    source="member_page", now=NOON - DAY)  # fmt: skip
    return person


def give_points(
    person: Member, points: int, *, days_left: int, cause: str = "a"
) -> None:
    loyalty.grant(
        [person.pk], points, source_type="t", source_id=cause,
        now=NOON - (30 - days_left) * DAY,
    )  # fmt: skip


def give_coupon(person: Member, name: str, *, days_left: int) -> None:
    until = clock.end_of(clock.day_of(NOON + days_left * DAY))
    coupons.copy_of(coupons.coupon(name, valid_until=until), person, now=NOON)


def said() -> list[str]:
    sent = Delivery.objects.order_by("pk").values_list("messages", flat=True)
    return [message["text"] for messages in sent for message in messages]


def test_what_dies_soon_is_told_in_one_message_and_once() -> None:
    siyu = reachable()
    give_points(siyu, 100, days_left=5)
    give_points(siyu, 20, days_left=5, cause="b")
    give_points(siyu, 999, days_left=8, cause="later")
    give_coupon(siyu, "週年慶", days_left=3)
    give_coupon(siyu, "今天的", days_left=0)
    give_coupon(siyu, "之後的", days_left=4)
    assert conversations.tell_expiring(now=NOON) == 1
    (words,) = said()
    assert "120 點，剩 5 天，到 11/25" in words
    assert "「週年慶」，剩 3 天，到 11/23" in words
    assert "「今天的」，今天 11/20 是最後一天" in words
    assert "999" not in words
    assert "之後的" not in words
    assert words.endswith("/m/card/")
    assert conversations.tell_expiring(now=NOON + timedelta(hours=1)) == 0
    # The next day only what is new to it.
    assert conversations.tell_expiring(now=NOON + DAY) == 1
    assert "之後的" in said()[1]
    assert "999" in said()[1]
    assert "週年慶" not in said()[1]
    assert conversations.tell_expiring(now=NOON + 2 * DAY) == 0
    assert ExpiryTold.objects.count() == 6


def test_one_message_a_day_even_for_what_comes_later_that_day() -> None:
    siyu = reachable()
    give_points(siyu, 100, days_left=5)
    assert conversations.tell_expiring(now=NOON) == 1
    give_coupon(siyu, "新的", days_left=2)
    assert conversations.tell_expiring(now=NOON) == 0
    assert conversations.tell_expiring(now=NOON + DAY) == 1


def _never(person: Member) -> None:
    """Leave them without an answer."""


def _no(person: Member) -> None:
    members.say(person, "line", "marketing", is_granted=False,
                source="member_page", now=NOON)  # fmt: skip


def _blocked(person: Member) -> None:
    person.identities.update(friend=Identity.Friend.BLOCKED)


def _stranger(person: Member) -> None:
    person.identities.all().delete()


@pytest.mark.parametrize(
    ("agrees", "change"),
    [(False, _never), (True, _no), (True, _blocked), (True, _stranger)],
)
def test_who_did_not_agree_or_cannot_be_reached_hears_nothing(
    *, agrees: bool, change: Callable[[Member], None]
) -> None:
    person = reachable(agrees=agrees)
    give_points(person, 100, days_left=5)
    change(person)
    assert conversations.tell_expiring(now=NOON) == 0
    assert not Delivery.objects.exists()
    assert not ExpiryNotice.objects.exists()


@pytest.mark.parametrize("hour", [0, 7, 9, 22, 23])
def test_nobody_is_written_to_at_night(hour: int) -> None:
    give_points(reachable(), 100, days_left=5)
    assert conversations.tell_expiring(now=NOON.replace(hour=hour)) == 0


def test_it_is_off_until_it_is_settled() -> None:
    LoyaltySettings.objects.all().delete()
    give_points(reachable(), 100, days_left=5)
    assert conversations.tell_expiring(now=NOON) == 0


def test_it_lies_in_the_thread_and_moves_nothing() -> None:
    siyu = reachable()
    talk = threads.hold(siyu.identities.get(), now=NOON - 3 * DAY)
    give_points(siyu, 100, days_left=5)
    conversations.tell_expiring(now=NOON)
    message = Message.objects.get()
    was, talk = talk.last_message_at, Conversation.objects.get()
    assert (message.conversation, message.facts) == (talk, {"auto": "expiry"})
    assert message.delivery == Delivery.objects.get()
    assert talk.last_message_at == was


def test_many_members_take_few_queries(
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for n in range(30):
        person = reachable(f"會員{n}")
        give_points(person, 100, days_left=5)
        give_coupon(person, f"券{n}", days_left=1)
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        assert conversations.tell_expiring(now=NOON) == 30
