"""A customer gets a salesperson: by message, at the counter, and the welcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.conversations import services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members import services as members
from apps.members.models import BindingCode, Identity, Member
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from apps.stores.models import Store
from tests.conversations.conftest import Cast

TOKEN = "r" * 32


def code_of(staff: Staff, store: Store) -> BindingCode:
    return members.binding_code(staff, store, now=clock.now())


def scan(cast: Cast, person: Member, staff: Staff, store: Store) -> Conversation:
    """Let the customer send the prefilled text of the salesperson's QR."""
    text = members.prefilled_text(code_of(staff, store))
    return cast.says(person, text, replyToken=TOKEN).conversation


def answers(person: Member) -> list[tuple[str, str]]:
    """Return what was answered without a person: the reason and the words."""
    said = Message.objects.filter(conversation__member=person, direction="out")
    return [(m.facts["auto"], m.text) for m in said.order_by("pk")]


def friend(person: Member, state: str) -> None:
    Identity.objects.filter(member=person).update(friend=state)


def test_the_prefilled_message_binds_and_is_answered_for_free(cast: Cast) -> None:
    person = cast.customer()
    talk = scan(cast, person, cast.lin, cast.store)
    talk.refresh_from_db()
    assert (talk.staff, talk.desk_reason) == (cast.lin, "bound")
    assert talk.waiting_since is None
    ((reason, words),) = answers(person)
    assert reason == "welcome"
    assert "林怡君" in words
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.reply_token) == ("reply", TOKEN)
    assert delivery.messages[0]["sender"]["name"] == "林怡君"
    events = Message.objects.filter(conversation=talk, direction="event")
    assert [event.words for event in events] == ["綁定台北中山店的林怡君"]


def test_sending_it_again_says_that_nothing_changed(cast: Cast) -> None:
    person = cast.customer()
    scan(cast, person, cast.lin, cast.store)
    scan(cast, person, cast.lin, cast.store)
    assert [reason for reason, _words in answers(person)] == ["welcome", "already"]


def test_someone_elses_code_takes_the_customer_over(cast: Cast) -> None:
    person = cast.customer(of=cast.lin)
    talk = scan(cast, person, cast.wu, cast.other_store)
    talk.refresh_from_db()
    assert talk.staff == cast.wu
    assert [reason for reason, _words in answers(person)] == ["welcome"]


def test_where_the_brand_keeps_the_first_the_customer_is_told(
    cast: Cast, settings: object
) -> None:
    settings.REBIND_POLICY = "keep"  # type: ignore[attr-defined]  # pytest-django's
    person = cast.customer(of=cast.lin)
    talk = scan(cast, person, cast.wu, cast.other_store)
    talk.refresh_from_db()
    assert talk.staff == cast.lin
    ((reason, words),) = answers(person)
    assert reason == "kept"
    assert "林怡君" in words


def test_a_forged_code_binds_nobody_and_says_so(cast: Cast) -> None:
    person = cast.customer()
    text = members.prefilled_text(code_of(cast.lin, cast.store))
    cast.says(person, text[:-1] + ("A" if text[-1] != "A" else "B"), replyToken=TOKEN)
    assert members.current_binding(person) is None
    assert [reason for reason, _words in answers(person)] == ["forged"]


def test_a_revoked_code_says_so(cast: Cast) -> None:
    person, code = cast.customer(), code_of(cast.lin, cast.store)
    text = members.prefilled_text(code)
    members.revoke(code, by=None, now=clock.now())
    cast.says(person, text, replyToken=TOKEN)
    assert [reason for reason, _words in answers(person)] == ["revoked"]


def test_the_code_of_somebody_who_left_says_so(cast: Cast) -> None:
    person, code = cast.customer(), code_of(cast.lin, cast.store)
    text = members.prefilled_text(code)
    Staff.objects.filter(pk=cast.lin.pk).update(is_active=False)
    cast.says(person, text, replyToken=TOKEN)
    assert [reason for reason, _words in answers(person)] == ["inactive"]


def test_who_is_bound_at_the_counter_stands_in_the_salespersons_list(
    cast: Cast,
) -> None:
    person = cast.customer(of=cast.lin)
    services.follow_binding(person, now=clock.now())
    services.follow_binding(person, now=clock.now())
    talk = Conversation.objects.get(member=person)
    assert (talk.staff, talk.waiting_since, talk.unread) == (cast.lin, None, 0)
    assert Message.objects.filter(conversation=talk).count() == 1


def test_after_unbinding_hq_has_the_conversation(cast: Cast) -> None:
    person = cast.customer()
    scan(cast, person, cast.lin, cast.store)
    members.unbind(person, by=cast.service, now=clock.now() + timedelta(seconds=1))
    services.follow_binding(person, now=clock.now())
    talk = Conversation.objects.get(member=person)
    assert (talk.desk, talk.desk_reason) == ("hq", "unbound")
    last = Message.objects.filter(direction="event").latest("at")
    assert last.words == "解除綁定，改由總部服務"


@pytest.mark.parametrize(
    ("state", "sent"), [("friend", 1), ("unknown", 0), ("blocked", 0)]
)
def test_the_welcome_reaches_friends_only(cast: Cast, state: str, sent: int) -> None:
    person = cast.customer(of=cast.lin)
    friend(person, state)
    bond = members.current_binding(person)
    assert bond is not None
    for _twice in range(2):
        services.welcome(person, bond, now=clock.now())
    assert Delivery.objects.count() == sent


def test_who_was_bound_before_becoming_a_friend_is_welcomed_on_following(
    cast: Cast,
) -> None:
    person = cast.customer(of=cast.lin)
    friend(person, "unknown")
    identity = members.line_identity(person)
    assert identity is not None
    now = clock.now()
    event = {"type": "follow", "replyToken": TOKEN, "mode": "active"}
    for _twice in range(2):
        services.follow(identity, event, now=now, at=now)
    delivery = Delivery.objects.get()
    assert (delivery.kind, delivery.reply_token) == ("reply", TOKEN)
