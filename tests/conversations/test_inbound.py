"""What customers do, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.conversations import services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.members import services as members
from apps.members.models import Identity, Member
from apps.messaging.models import Delivery
from tests import make
from tests.conversations.conftest import Cast


def of(person: Member) -> Conversation:
    return Conversation.objects.get(member=person)


def key(person: Member) -> Identity:
    identity = members.line_identity(person)
    assert identity is not None
    return identity


def test_a_bound_customers_words_lie_on_the_salespersons_desk(cast: Cast) -> None:
    person = cast.customer(of=cast.lin)
    cast.says(person, "駝色 M 號\n有貨嗎？")
    talk = of(person)
    assert (talk.desk, talk.staff, talk.store) == ("staff", cast.lin, cast.store)
    assert (talk.desk_reason, talk.preview) == ("bound", "駝色 M 號 有貨嗎？")
    assert (talk.unread, talk.waiting_since) == (1, talk.last_message_at)


def test_an_unbound_customers_words_lie_at_hq(cast: Cast) -> None:
    talk = cast.talk()
    assert (talk.desk, talk.staff, talk.desk_reason) == ("hq", None, "unbound")


def test_the_customers_of_a_leaver_come_to_hq_with_the_reason(cast: Cast) -> None:
    person = cast.customer(of=cast.lin)
    cast.lin.is_active = False
    cast.lin.save()
    cast.says(person)
    assert (of(person).desk, of(person).desk_reason) == ("hq", "inactive")


def test_a_message_that_comes_twice_is_kept_once(cast: Cast) -> None:
    person = cast.customer()
    event = {"type": "message", "message": {"id": "77", "type": "text", "text": "嗨"}}
    first = services.receive(key(person), event, now=clock.now())
    again = services.receive(key(person), event, now=clock.now())
    assert first == again
    assert of(person).unread == 1


def test_nul_and_lone_surrogates_become_signs_that_can_be_stored(cast: Cast) -> None:
    said = cast.says(cast.customer(), "a\x00b\ud83d")
    said.refresh_from_db()
    assert said.text == "a�b�"


def test_waiting_runs_from_the_first_unanswered_words(cast: Cast) -> None:
    person, now = cast.customer(), clock.now()
    for place, minutes in enumerate((20, 5, 12)):  # the last one comes late
        event = {"message": {"id": f"w{place}", "type": "text", "text": str(minutes)}}
        services.receive(
            key(person), event, now=now, at=now - timedelta(minutes=minutes)
        )
    talk = of(person)
    assert talk.waiting_since == now - timedelta(minutes=20)
    assert talk.preview == "5"


def test_words_that_come_late_and_are_answered_already_wait_for_nobody(
    cast: Cast,
) -> None:
    talk = cast.talk(of=cast.lin)
    services.reply(talk, text="有", client_id=uuid4(), by=cast.lin, now=clock.now())
    event = {"message": {"id": "late1", "type": "text", "text": "在嗎"}}
    past = clock.now() - timedelta(minutes=9)
    services.receive(key(talk.member), event, now=clock.now(), at=past)
    talk.refresh_from_db()
    assert (talk.waiting_since, talk.preview) == (None, "有")


def test_in_standby_words_are_kept_and_nobody_answers(cast: Cast) -> None:
    person = cast.customer()
    code = members.binding_code(cast.lin, cast.store, now=clock.now())
    cast.says(person, members.prefilled_text(code), mode="standby")
    assert of(person).waiting_since is None
    assert not Delivery.objects.exists()
    assert members.current_binding(person) is None


def test_words_to_a_closed_conversation_open_it_on_the_bonds_desk(cast: Cast) -> None:
    person = cast.customer(of=cast.lin)
    cast.says(person)
    services.take_over(of(person), by=cast.service, now=clock.now())
    cast.says(person)
    assert of(person).staff == cast.service  # while it is open
    services.close(of(person), by=cast.service, now=clock.now())
    cast.says(person)
    assert (of(person).staff, of(person).status) == (cast.lin, "open")


def test_an_unsent_message_vanishes(cast: Cast) -> None:
    said = cast.says(cast.customer(), "秘密")
    event = {"unsend": {"messageId": said.external_id}}
    now = clock.now()
    services.unsend(key(said.conversation.member), event, now=now, at=now)
    said.refresh_from_db()
    assert (said.text, said.facts, said.unsent_at) == ("", {}, now)
    talk = of(said.conversation.member)
    assert (talk.preview, talk.preview_label) == ("", "已收回一則訊息")


def test_a_message_unsent_before_it_came_stays_hidden(cast: Cast) -> None:
    person, now = cast.customer(), clock.now()
    services.unsend(key(person), {"unsend": {"messageId": "55"}}, now=now, at=now)
    event = {"message": {"id": "55", "type": "text", "text": "秘密"}}
    said = services.receive(key(person), event, now=now, event_ref=7)
    assert said is not None
    assert (said.text, said.unsent_at, said.event_ref) == ("", now, 7)


def test_edited_words_take_the_place_of_the_old(cast: Cast) -> None:
    said = cast.says(cast.customer(), "早")
    event = {"message": {"id": said.external_id, "type": "text", "text": "早安"}}
    services.edit(key(said.conversation.member), event, now=clock.now())
    said.refresh_from_db()
    assert said.text == of(said.conversation.member).preview == "早安"


def test_blocking_ends_waiting_and_following_brings_back(cast: Cast) -> None:
    talk, now = cast.talk(of=cast.lin), clock.now()
    services.unfollow(key(talk.member), now=now, at=now)
    talk.refresh_from_db()
    assert (talk.is_blocked, talk.waiting_since) == (True, None)
    assert key(talk.member).friend == "blocked"
    later = now + timedelta(seconds=9)
    back = {"follow": {"isUnblocked": True}}
    services.follow(key(talk.member), back, now=later, at=later)
    services.unfollow(key(talk.member), now=later, at=now)  # told a second time
    talk.refresh_from_db()
    assert not talk.is_blocked
    events = [m.words for m in Message.objects.filter(direction="event").order_by("at")]
    assert events == ["封鎖了官方帳號", "解除封鎖官方帳號"]


def test_a_new_friend_stands_in_the_inbox_at_once(cast: Cast) -> None:
    person, now = make.member(on=cast.account), clock.now()
    services.follow(key(person), {"type": "follow"}, now=now, at=now)
    assert of(person).desk == "hq"
    assert of(person).profile_due_at == now


def test_what_a_new_friend_writes_at_once_stands_in_the_list(cast: Cast) -> None:
    person, now = cast.customer(), clock.now()
    followed = now - timedelta(milliseconds=400)
    wrote = now - timedelta(milliseconds=300)
    services.follow(key(person), {"type": "follow"}, now=now, at=followed)
    event = {"type": "message", "message": {"id": "5", "type": "text", "text": "哈囉"}}
    services.receive(key(person), event, now=now, at=wrote)
    assert (of(person).preview, of(person).last_message_at) == ("哈囉", wrote)


def test_the_newest_reply_token_is_kept_for_its_minute(cast: Cast) -> None:
    person, now = cast.customer(), clock.now()
    for token, ago in (("new", 5), ("old", 40)):
        event = {
            "replyToken": token,
            "message": {"id": token, "type": "text", "text": "x"},
        }
        services.receive(
            key(person), event, now=now, received_at=now - timedelta(seconds=ago)
        )
    assert of(person).reply_token == "new"
    assert of(person).reply_until == now + timedelta(seconds=45)


@pytest.mark.parametrize("content", [None, "x", {}, {"id": 1.5}, {"id": "\x00"}])
def test_what_names_no_message_is_no_message(cast: Cast, content: object) -> None:
    person = cast.customer()
    for verb in (services.receive, services.edit):
        assert verb(key(person), {"message": content}, now=clock.now()) is None
