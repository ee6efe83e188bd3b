"""The outbox against the stand-in: what is sent, held, refused, sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.models import AuditEntry
from apps.channels.line import client as line_client
from apps.channels.line import messages
from apps.channels.models import Account
from apps.core import clock
from apps.core.errors import Refused
from apps.members.models import Identity
from apps.messaging import services as messaging
from apps.messaging import tasks
from apps.messaging.invariants import INVARIANTS
from apps.messaging.models import Attempt, Delivery, Pace, QuotaMonth
from apps.messaging.reports import oldest_due
from apps.messaging.services import sending
from tests import make
from tests.line_platform import LinePlatform

State = Delivery.State
HELLO = messages.text("您好")


@pytest.fixture
def account(line_platform: LinePlatform) -> Account:
    return line_platform.account(monthly_quota=500)


@pytest.fixture
def user(line_platform: LinePlatform, account: Account) -> str:
    return line_platform.person()


Write = Callable[..., Delivery]


@pytest.fixture
def write(account: Account) -> Write:
    """Put a message into the outbox."""

    def enqueue(to: str, text: str = "您好", **facts: Any) -> Delivery:
        given = {
            "member": None,
            "topic": "staff:7",
            "messages": [messages.text(text)],
            "now": clock.now(),
            **facts,
        }
        return messaging.enqueue(account, to=to, **given)

    return enqueue


def state_of(delivery: Delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.kind


def hurry() -> None:
    """Let the waits and the slowing be over."""
    Delivery.objects.filter(state=State.QUEUED).update(not_before=clock.now())
    Pace.objects.update(slowed_until=None)


def assert_sound() -> None:
    for name, query in INVARIANTS.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            assert cursor.fetchall() == [], name


@pytest.fixture(autouse=True)
def _sound(line_platform: LinePlatform) -> Any:
    yield
    assert_sound()


def test_a_message_leaves_as_a_push(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    delivery = write(user)

    tasks.send_due()

    (bubble,) = line_platform.received(user)
    assert state_of(delivery) == ("accepted", "push")
    assert delivery.external_ids == [bubble["message_id"]]
    assert delivery.request_id == bubble["request_id"]
    assert delivery.settled_at is not None
    assert Attempt.objects.get().status == 200


def test_a_living_token_makes_it_a_reply(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    token = line_platform.say(user)["replyToken"]
    until = clock.now() + timedelta(seconds=50)
    delivery = write(user, reply=messaging.Reply(token, until))

    tasks.send_due()

    assert state_of(delivery) == ("accepted", "reply")
    assert line_platform.received(user)[0]["via"] == "reply"


def test_a_token_that_died_while_it_waited_makes_it_a_push(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    token = line_platform.say(user)["replyToken"]
    delivery = write(user, reply=messaging.Reply(token, clock.now()))
    dying = write(user, reply=messaging.Reply(token, clock.now() + timedelta(hours=1)))
    Delivery.objects.filter(pk=dying.pk).update(reply_until=clock.now())

    tasks.send_due()

    assert state_of(delivery) == ("accepted", "push")
    assert state_of(dying) == ("accepted", "push")


def test_a_refused_token_falls_back_to_a_push_with_its_key(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    until = clock.now() + timedelta(seconds=50)
    delivery = write(user, reply=messaging.Reply("0" * 32, until))

    tasks.send_due()

    assert state_of(delivery) == ("accepted", "push")
    assert [each.status for each in Attempt.objects.order_by("id")] == [400, 200]
    assert len(line_platform.received(user)) == 1


@pytest.mark.parametrize("action", ["500", "500_after"])
def test_a_reply_without_an_answer_is_unknown_and_no_push_follows(
    line_platform: LinePlatform, user: str, write: Write, action: str
) -> None:
    token = line_platform.say(user)["replyToken"]
    line_platform.fault(action, "reply", next=1)
    until = clock.now() + timedelta(seconds=50)
    delivery = write(user, reply=messaging.Reply(token, until))

    tasks.send_due()
    hurry()
    tasks.send_due()

    assert state_of(delivery) == ("unknown", "reply")
    sent = len(line_platform.received(user))
    assert sent == (1 if action == "500_after" else 0)
    assert delivery.why.startswith("LINE 沒有回應")

    messaging.retry(delivery, by=make.staff(), now=clock.now())
    tasks.send_due()

    assert state_of(delivery) == ("accepted", "push")
    assert len(line_platform.received(user)) == sent + 1


@pytest.mark.parametrize("action", ["500", "500_after", "429"])
def test_a_push_is_tried_again_under_its_key_and_arrives_once(
    line_platform: LinePlatform, user: str, write: Write, action: str
) -> None:
    line_platform.fault(action, next=2)
    delivery = write(user)

    for _attempt in range(3):
        tasks.send_due()
        hurry()

    assert state_of(delivery) == ("accepted", "push")
    assert delivery.attempts == Attempt.objects.count()
    assert len(line_platform.received(user)) == 1


def test_silence_is_tried_again_and_arrives_once(
    line_platform: LinePlatform,
    user: str,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_client, "TIMEOUT", (1.0, 0.5))
    line_platform.fault("silence_after", next=1, seconds=1)
    delivery = write(user)

    tasks.send_due()
    assert state_of(delivery) == ("queued", "push")
    hurry()
    tasks.send_due()

    assert state_of(delivery) == ("accepted", "push")
    assert [each.status for each in Attempt.objects.order_by("id")] == [None, 409]
    assert len(line_platform.received(user)) == 1


def test_a_rate_limit_slows_the_account_and_not_only_the_message(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    line_platform.fault("429", next=1)
    write(user)
    tasks.send_due()
    other = write(line_platform.person())

    tasks.send_due()
    assert state_of(other) == ("queued", "push")
    assert oldest_due() is None

    hurry()
    tasks.send_due()
    assert state_of(other) == ("accepted", "push")
    assert Pace.objects.get().troubles == 0


def test_the_monthly_limit_holds_pushes_until_there_is_quota(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    account = line_platform.account(monthly_quota=1)
    first, second, third = write(user, "1"), write(user, "2"), write(user, "3")
    tasks.send_due()
    assert state_of(first) == ("accepted", "push")
    assert state_of(second) == ("quota_hold", "push")

    tasks.refresh_quota()
    assert state_of(second) == ("quota_hold", "push")
    assert messaging.price(account, reply_until=None, now=clock.now()).quota_left == 0

    line_platform.account(monthly_quota=2)
    tasks.refresh_quota()
    tasks.send_due()
    assert state_of(second) == ("accepted", "push")
    assert state_of(third) == ("quota_hold", "push")

    line_platform.account(monthly_quota=None)
    tasks.refresh_quota()
    tasks.send_due()
    assert state_of(third) == ("accepted", "push")
    texts = [each["message"]["text"] for each in line_platform.received(user)]
    assert texts == ["1", "2", "3"]


def test_a_reply_needs_no_quota(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    line_platform.account(monthly_quota=0)
    held = write(user)
    tasks.send_due()
    token = line_platform.say(user)["replyToken"]
    until = clock.now() + timedelta(seconds=50)

    answer = write(user, reply=messaging.Reply(token, until))
    tasks.send_due()

    assert state_of(held) == ("quota_hold", "push")
    assert state_of(answer) == ("accepted", "reply")


def test_a_refused_access_token_stops_the_account_and_a_good_one_resumes_it(
    line_platform: LinePlatform, account: Account, user: str, write: Write
) -> None:
    line_platform.account(access_token="reissued")
    first, second = write(user), write(line_platform.person())
    tasks.send_due()

    assert state_of(first) == state_of(second) == ("channel_hold", "push")
    late = write(user, "後來的")
    tasks.send_due()
    assert state_of(late) == ("channel_hold", "push")
    tasks.refresh_quota()
    with pytest.raises(Refused) as refused:
        messaging.retry(first, by=make.staff(), now=clock.now())
    assert refused.value.code == "channel_stopped"

    account.access_token = "reissued"
    account.save()
    tasks.refresh_quota()
    tasks.send_due()

    assert {state_of(each)[0] for each in (first, second, late)} == {"accepted"}
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(acts) == ["channel.stopped", "channel.resumed"]


def test_another_refusal_fails_with_its_reason_and_can_be_retried_under_its_key(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    stranger = make.line_user_id()
    delivery = write(stranger)
    tasks.send_due()
    assert state_of(delivery) == ("failed", "push")
    assert delivery.why == "Failed to send messages"
    key = delivery.retry_key

    line_platform.person(stranger)
    who = make.staff()
    messaging.retry(delivery, by=who, now=clock.now())
    messaging.retry(delivery, by=who, now=clock.now())
    tasks.send_due()

    assert state_of(delivery) == ("accepted", "push")
    assert delivery.retry_key == key
    assert len(line_platform.received(stranger)) == 1
    assert AuditEntry.objects.get().actor == who.name
    with pytest.raises(Refused) as refused:
        messaging.retry(delivery, by=who, now=clock.now())
    assert refused.value.code == "settled"


def test_who_blocked_the_account_is_not_written_to(
    line_platform: LinePlatform, account: Account, user: str, write: Write
) -> None:
    make.member(user_id=user, on=account)
    Identity.objects.update(friend=Identity.Friend.BLOCKED)
    delivery = write(user)

    tasks.send_due()

    assert state_of(delivery) == ("skipped", "push")
    assert delivery.why == "顧客已封鎖官方帳號"
    assert not Attempt.objects.exists()


def test_a_lost_sender_s_push_is_claimed_again_and_a_reply_is_not(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    token = line_platform.say(user)["replyToken"]
    until = clock.now() + timedelta(hours=1)
    answer = write(user, reply=messaging.Reply(token, until))
    push = write(line_platform.person())
    for _lost in range(2):
        claim = messaging.claim(now=clock.now())
        assert claim is not None
        messaging.deliver(claim)
    tasks.send_due()
    assert state_of(push)[0] == state_of(answer)[0] == "sending"

    Delivery.objects.update(leased_until=clock.now())
    tasks.send_due()

    assert state_of(push) == ("accepted", "push")
    assert state_of(answer) == ("unknown", "reply")
    assert len(line_platform.received(push.to)) == 1
    assert len(line_platform.received(user)) == 1


def test_a_late_sender_brings_its_good_news(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    delivery = write(user)
    slow = messaging.claim(now=clock.now())
    assert slow is not None
    outcome = messaging.deliver(slow)
    Delivery.objects.update(leased_until=clock.now())
    second = messaging.claim(now=clock.now())
    assert second is not None

    messaging.record(slow, outcome, now=clock.now())
    assert state_of(delivery) == ("accepted", "push")
    messaging.record(second, messaging.deliver(second), now=clock.now())

    assert state_of(delivery) == ("accepted", "push")
    assert delivery.attempts == 2
    assert len(line_platform.received(user)) == 1


def test_after_23_hours_of_doubt_it_is_unknown_and_never_sent_by_itself(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    line_platform.fault("500_after", next=1)
    delivery = write(user)
    tasks.send_due()
    Delivery.objects.update(
        not_before=clock.now(), first_attempt_at=clock.now() - timedelta(hours=23)
    )

    tasks.send_due()
    hurry()
    tasks.send_due()

    assert state_of(delivery) == ("unknown", "push")
    assert delivery.attempts == 1
    assert len(line_platform.received(user)) == 1


def test_a_person_s_messages_arrive_in_order_though_the_first_had_to_wait(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    line_platform.fault("500", next=1)
    written = [write(user, str(n)) for n in range(5)]
    for _round in range(3):
        tasks.send_due()
        hurry()

    texts = [each["message"]["text"] for each in line_platform.received(user)]
    assert texts == ["0", "1", "2", "3", "4"]
    assert {state_of(each)[0] for each in written} == {"accepted"}


def test_a_message_stuck_for_long_lets_later_ones_pass(
    line_platform: LinePlatform, user: str, write: Write
) -> None:
    line_platform.fault("500", next=1)
    stuck = write(user, "stuck")
    tasks.send_due()
    Delivery.objects.update(
        first_attempt_at=clock.now() - timedelta(minutes=11),
        not_before=clock.now() + timedelta(minutes=5),
    )
    later = write(user, "later")

    tasks.send_due()

    assert state_of(stuck)[0] == "queued"
    assert state_of(later)[0] == "accepted"


def test_two_senders_never_hold_two_messages_of_one_person(
    user: str, write: Write
) -> None:
    first, second = write(user), write(user)
    claim = messaging.claim(now=clock.now())
    assert claim is not None
    assert claim.delivery == first

    assert messaging.claim(now=clock.now()) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(state="sending")
    messaging.record(claim, messaging.deliver(claim), now=clock.now())


def test_the_price_is_told(
    line_platform: LinePlatform, account: Account, user: str, write: Write
) -> None:
    now = clock.now()
    assert messaging.price(account, reply_until=None, now=now) == messaging.Price(
        is_free=False, quota_left=None, free_until=None
    )
    tasks.refresh_quota()
    write(user)
    write(user)
    tasks.send_due()
    write(user)

    until = now + timedelta(seconds=30)
    assert messaging.price(account, reply_until=until, now=now) == messaging.Price(
        is_free=True, quota_left=497, free_until=until
    )
    assert QuotaMonth.objects.get().used == 0
    tasks.refresh_quota()
    assert QuotaMonth.objects.get().used == 2
    late = messaging.price(account, reply_until=until, now=until)
    assert (late.is_free, late.quota_left) == (False, 497)
    tasks.send_due()


def test_a_message_and_its_cause_stand_or_fall_together(
    user: str, write: Write
) -> None:
    @transaction.atomic
    def fail() -> None:
        write(user)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not Delivery.objects.exists()


def test_nothing_is_sent_inside_a_transaction(user: str, write: Write) -> None:
    write(user)
    with pytest.raises(RuntimeError), transaction.atomic():
        messaging.claim(now=clock.now())

    tasks.send_due()


def test_a_message_without_bubbles_or_with_six_is_a_defect(
    user: str, write: Write
) -> None:
    for number in (0, 6):
        with pytest.raises(ValueError, match="bubbles"):
            write(user, messages=[HELLO] * number)


ARROWS = {
    "queued": {"sending", "skipped", "channel_hold", "unknown", "cancelled"},
    "sending": {
        "accepted", "queued", "quota_hold", "channel_hold", "failed", "unknown",
    },
    "quota_hold": {"queued", "unknown", "cancelled"},
    "channel_hold": {"queued", "unknown", "cancelled"},
    "failed": {"queued"},
    "unknown": {"queued"},
    "accepted": set(),
    "skipped": set(),
    "cancelled": set(),
}  # fmt: skip


@pytest.mark.parametrize("old", State.values)
def test_the_database_knows_the_arrows(old: str, user: str, write: Write) -> None:
    passed = set()
    for new in State.values:
        delivery = write(user)
        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            Delivery.objects.filter(pk=delivery.pk).update(state=old)
            cursor.execute("set session_replication_role = origin")
        try:
            with transaction.atomic():
                Delivery.objects.filter(pk=delivery.pk).update(state=new)
            passed.add(new)
        except DatabaseError:
            pass
        delivery.delete()

    assert passed == ARROWS[old] | {old}


def test_a_key_an_address_and_what_was_tried_never_change(
    user: str, write: Write
) -> None:
    delivery = write(user)
    claim = messaging.claim(now=clock.now())
    assert claim is not None
    row = Delivery.objects.filter(pk=delivery.pk)
    changes: tuple[dict[str, Any], ...] = (
        {"retry_key": "0" * 32}, {"to": "U"}, {"messages": []}, {"attempts": 0},
        {"kind": "reply", "reply_token": "x"},
    )  # fmt: skip
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    messaging.record(claim, messaging.deliver(claim), now=clock.now())
    row.update(messages=[])  # erased


def test_the_outbox_is_emptied_in_seconds(
    line_platform: LinePlatform, write: Write
) -> None:
    people = line_platform.crowd(200)
    for each in people:
        write(each)
    start = clock.now()

    tasks.send_due()

    took = (clock.now() - start).total_seconds()
    assert Delivery.objects.filter(state=State.ACCEPTED).count() == 200
    assert all(len(line_platform.received(each)) == 1 for each in people[:10])
    assert took < 15
    assert timedelta(seconds=sum(line_client.TIMEOUT)) < sending.LEASE
