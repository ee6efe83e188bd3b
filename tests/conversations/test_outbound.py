"""What staff send: once, for free while that lasts, and as acts that may earn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from apps.attribution import services as attribution
from apps.attribution.models import PromoLink, Touch
from apps.conversations import reports, services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from apps.core.errors import Refused
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from tests import make
from tests.conversations.conftest import Cast


def answer(talk: Conversation, by: Staff, text: str = "有的", **facts: Any) -> Message:
    facts.setdefault("client_id", uuid4())
    return services.reply(talk, text=text, by=by, now=clock.now(), **facts)


def delivery_of(message: Message) -> Delivery:
    assert message.delivery is not None
    return message.delivery


def move(*states: str) -> None:
    """Move every delivery along."""
    for state in states:
        Delivery.objects.update(state=state, settled_at=clock.now())


def test_an_answer_takes_the_reply_token_and_the_next_one_is_a_push(
    cast: Cast,
) -> None:
    talk = cast.talk(of=cast.lin)
    first, second = answer(talk, cast.lin), answer(talk, cast.lin)
    assert (delivery_of(first).kind, delivery_of(first).reply_token) == (
        "reply",
        "t" * 32,
    )
    assert (delivery_of(second).kind, delivery_of(second).reply_token) == ("push", "")
    sent = delivery_of(first).messages[0]
    assert sent["sender"] == {
        "name": "林怡君",
        "iconUrl": f"https://regulars.example/faces/{cast.lin.pk}.png",
    }
    assert delivery_of(first).topic == f"staff:{cast.lin.pk}"


def test_an_answer_ends_the_wait(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    answer(talk, cast.lin)
    talk.refresh_from_db()
    assert (talk.waiting_since, talk.unread, talk.preview) == (None, 0, "有的")
    assert talk.is_answered


def test_a_second_click_is_the_same_message(cast: Cast) -> None:
    talk, client_id = cast.talk(of=cast.lin), uuid4()
    first = answer(talk, cast.lin, client_id=client_id)
    assert answer(talk, cast.lin, client_id=client_id) == first
    assert Delivery.objects.count() == 1
    with pytest.raises(Refused, match="別的對話"):
        answer(cast.talk(of=cast.lin), cast.lin, client_id=client_id)


@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_are_one_message(cast: Cast) -> None:
    talk, client_id = cast.talk(of=cast.lin), uuid4()

    def click(_number: int) -> int:
        try:
            return answer(talk, cast.lin, client_id=client_id).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(click, range(6)))) == 1
    assert Delivery.objects.count() == 1
    assert Message.objects.filter(direction="out").count() == 1


def test_an_answer_is_an_act_of_the_salesperson_towards_the_member(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    message = answer(talk, cast.lin)
    act = Touch.objects.get()
    assert (act.kind, act.member, act.staff, act.store) == (
        "chat_reply", talk.member, cast.lin, cast.store,
    )  # fmt: skip
    assert (act.evidence_type, act.evidence_id) == ("message", str(message.pk))


def test_hq_earns_nothing_by_answering(cast: Cast) -> None:
    message = answer(cast.talk(), cast.service, product=make.product())
    assert not Touch.objects.exists()
    assert not PromoLink.objects.exists()
    assert "sender" not in delivery_of(message).messages[0]
    assert message.facts["url"] == "https://shop.example/products/coat-01"


def test_a_product_goes_out_as_a_card_with_a_link_of_ones_own(cast: Cast) -> None:
    talk, coat = cast.talk(of=cast.lin), make.product()
    message = answer(talk, cast.lin, text="", product=coat)
    link = PromoLink.objects.get()
    assert (link.member, link.staff, link.product) == (talk.member, cast.lin, coat)
    (card,) = delivery_of(message).messages
    assert card["type"] == "flex"
    assert message.facts["url"] == f"https://regulars.example/l/{link.code}"
    assert message.facts["name"] == "羊毛大衣"
    assert {act.kind for act in Touch.objects.all()} == {"chat_reply", "link_sent"}
    attribution.follow_link(link.code, visitor="v", now=clock.now())
    shown = reports.thread_of(talk)[-1]
    assert shown.opened_words.startswith("已點開 1 次")
    assert reports.thread_of(talk)[0].opened is None


def test_up_to_ten_products_go_out_together(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    goods = [make.product(f"p-{n}", 100 + n, f"商品{n}") for n in range(11)]
    message = answer(talk, cast.lin, text="看看", products=goods[:10])
    assert [each["type"] for each in delivery_of(message).messages] == ["text", "flex"]
    assert len(message.facts["cards"]) == PromoLink.objects.count() == 10
    with pytest.raises(Refused, match="10 件"):
        answer(talk, cast.lin, products=goods)


def test_the_shops_addresses_in_a_text_become_ones_own_links(cast: Cast) -> None:
    make.product()
    text = "看 https://shop.example/products/coat-01 和 https://shop.example/new，好嗎"
    message = answer(cast.talk(of=cast.lin), cast.lin, text=text)
    links = {
        link.product and link.product.code: link for link in PromoLink.objects.all()
    }
    assert set(links) == {"coat-01", None}
    assert message.text == (
        f"看 https://regulars.example/l/{links['coat-01'].code} 和 "
        f"https://regulars.example/l/{links[None].code}，好嗎"
    )


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_is_not_sent(cast: Cast, text: str) -> None:
    with pytest.raises(Refused):
        answer(cast.talk(of=cast.lin), cast.lin, text=text)
    assert not Delivery.objects.exists()


def test_to_whom_blocked_us_nothing_is_sent(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    Conversation.objects.update(is_blocked=True, waiting_since=None)
    with pytest.raises(Refused, match="封鎖"):
        answer(talk, cast.lin)
    assert not Delivery.objects.exists()


def test_a_salesperson_named_like_the_channel_writes_without_a_name(cast: Cast) -> None:
    person = make.staff("Line 王", at=cast.store)
    message = answer(cast.talk(of=person), person)
    assert "sender" not in delivery_of(message).messages[0]


def test_what_failed_is_sent_again_under_its_own_key(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    message = answer(talk, cast.lin)
    key = delivery_of(message).retry_key
    move("sending", "failed")
    failed = reports.thread_of(talk)[-1]
    assert (failed.is_failed, failed.is_sending) == (True, False)
    again = services.resend(failed, by=cast.lin, now=clock.now())
    assert (delivery_of(again).state, delivery_of(again).retry_key) == ("queued", key)
    services.resend(failed, by=cast.lin, now=clock.now())
    move("sending", "accepted")
    services.resend(failed, by=cast.lin, now=clock.now())
    assert Delivery.objects.get().state == "accepted"


def test_a_note_never_leaves_the_house(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    note = services.note(talk, " 肩線剛好 ", by=cast.lin, now=clock.now())
    assert (note.direction, note.text) == ("note", "肩線剛好")
    assert not Delivery.objects.exists()
    talk.refresh_from_db()
    assert talk.waiting_since is not None
    with pytest.raises(Refused):
        services.note(talk, " ", by=cast.lin, now=clock.now())


def test_a_late_answer_does_not_go_by_a_dead_token(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    late = clock.now() + timedelta(minutes=2)
    message = services.reply(talk, text="有", client_id=uuid4(), by=cast.lin, now=late)
    assert delivery_of(message).kind == "push"
