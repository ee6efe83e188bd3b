"""Webhooks: signed, in LINE's shape, in order, and sent once unless told otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import time
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from apps.core import clock
from apps.core.errors import Refused
from apps.simulator import webhooks_out
from apps.simulator.models import (
    ChatMessage,
    Fault,
    Friendship,
    OfficialAccount,
    OutgoingEvent,
    Person,
    ReplyToken,
)
from apps.simulator.platform import schema
from apps.simulator.services import people
from apps.simulator.webhooks_out import Dispatcher
from tests.simulator.conftest import HELLO, Heard, Line

State = OutgoingEvent.State
PLACE = {
    "type": "location",
    "title": "台北中山店",
    "address": "台北市",
    "latitude": 25.0,
    "longitude": 121.5,
}


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#1f4b7a").save(out, "PNG")
    return out.getvalue()


def said(account: OfficialAccount, person: Person, text: str) -> ChatMessage:
    body = {"type": "text", "text": text}
    return people.say(account, person, body, now=clock.now())


def test_a_message_is_told_signed_over_its_raw_bytes(
    account: OfficialAccount, friend: Person, webhook: Heard
) -> None:
    said(account, friend, "還有 M 嗎😀")
    assert webhooks_out.deliver_waiting() == 1
    [(headers, raw)] = webhook.requests
    digest = hmac.new(b"s3cret", raw, hashlib.sha256).digest()
    assert headers["x-line-signature"] == base64.b64encode(digest).decode()
    assert headers["content-type"] == "application/json; charset=utf-8"
    [event] = webhook.events
    assert event["message"]["text"] == "還有 M 嗎😀"
    assert event["source"] == {"type": "user", "userId": friend.user_id}
    assert event["deliveryContext"] == {"isRedelivery": False}
    assert len(event["webhookEventId"]) == 26


def test_every_kind_of_event_has_lines_shape(
    account: OfficialAccount, befriended: Callable[..., Person], webhook: Heard
) -> None:
    person, now = befriended(state=Friendship.State.NONE), clock.now()
    people.befriend(account, person, now=now)
    text = said(account, person, "您好")
    people.say(account, person, PLACE, now=now)
    people.say(account, person, people.sticker("1988"), now=now)
    people.send_picture(account, person, a_picture(), now=now)
    people.post_back(account, person, {"data": "a=1", "displayText": "看"}, now=now)
    people.unsend(text, now=now)
    people.block(account, person, now=now)
    people.befriend(account, person, now=now)
    webhooks_out.deliver_waiting()
    body = {"destination": account.bot_user_id, "events": webhook.events}
    assert schema.problems("CallbackRequest", body, "webhook") == []
    assert [event["type"] for event in webhook.events] == [
        "follow", "message", "message", "message", "message", "postback", "unsend",
        "unfollow", "follow",
    ]  # fmt: skip
    follows = [e["follow"] for e in webhook.events if e["type"] == "follow"]
    assert follows == [{"isUnblocked": False}, {"isUnblocked": True}]
    silent = {e["type"] for e in webhook.events if "replyToken" not in e}
    assert silent == {"unsend", "unfollow"}


def test_one_persons_events_arrive_in_order(
    account: OfficialAccount, befriended: Callable[..., Person], webhook: Heard
) -> None:
    cast = [befriended(name=str(n)) for n in range(3)]
    for number in range(10):
        for person in cast:
            said(account, person, str(number))
    webhooks_out.deliver_waiting()
    for person in cast:
        mine = [e for e in webhook.events if e["source"]["userId"] == person.user_id]
        assert [e["message"]["text"] for e in mine] == [str(n) for n in range(10)]


def test_a_failed_webhook_is_not_sent_again_unless_redelivery_is_on(
    account: OfficialAccount, friend: Person, webhook: Heard
) -> None:
    webhook.status = 500
    said(account, friend, "一")
    webhooks_out.deliver_waiting()
    event = OutgoingEvent.objects.get()
    assert (event.state, event.reason) == (State.FAILED, "error_status_code")
    account.redelivers = True
    account.save()
    said(account, friend, "二")
    webhooks_out.deliver_waiting()
    webhook.status = 200
    OutgoingEvent.objects.update(due_at=clock.now())
    webhooks_out.deliver_waiting()
    first, again = (e for e in webhook.events if e["message"]["text"] == "二")
    assert first["webhookEventId"] == again["webhookEventId"]
    assert first["replyToken"] == again["replyToken"]
    flags = [e["deliveryContext"]["isRedelivery"] for e in (first, again)]
    assert flags == [False, True]


def test_a_server_that_is_gone_is_noted(
    account: OfficialAccount, friend: Person
) -> None:
    account.webhook_url = "http://127.0.0.1:9/"
    account.save()
    said(account, friend, "一")
    webhooks_out.deliver_waiting()
    assert OutgoingEvent.objects.get().reason == "could_not_connect"


def test_faults_duplicate_and_redeliver(
    account: OfficialAccount, friend: Person, webhook: Heard
) -> None:
    Fault.objects.create(endpoint="webhook", action="duplicate", remaining=1)
    Fault.objects.create(endpoint="webhook", action="redeliver", remaining=1)
    said(account, friend, "一")
    said(account, friend, "二")
    webhooks_out.deliver_waiting()
    OutgoingEvent.objects.update(due_at=clock.now())
    webhooks_out.deliver_waiting()
    texts = [event["message"]["text"] for event in webhook.events]
    assert sorted(texts) == ["一", "一", "一", "一", "二"]
    assert not Fault.objects.exclude(remaining=0).exists()


def test_a_bundle_holds_events_of_several_people(
    account: OfficialAccount, befriended: Callable[..., Person], webhook: Heard
) -> None:
    Fault.objects.create(endpoint="webhook", action="bundle")
    for number in range(5):
        said(account, befriended(name=str(number)), "您好")
    webhooks_out.deliver_waiting()
    assert len(webhook.requests) == 1
    assert len({event["source"]["userId"] for event in webhook.events}) == 5


def test_the_reply_token_lives_from_the_receipt_on(
    account: OfficialAccount, friend: Person, webhook: Heard
) -> None:
    said(account, friend, "您好")
    webhooks_out.deliver_waiting()
    token = ReplyToken.objects.get()
    assert token.token == webhook.events[0]["replyToken"]
    assert token.valid_until > clock.now() + webhooks_out.REPLY_WITHIN / 2


def test_a_blocked_account_cannot_be_written_to(
    account: OfficialAccount, befriended: Callable[..., Person]
) -> None:
    with pytest.raises(Refused):
        said(account, befriended(state=Friendship.State.BLOCKED), "您好")


def test_content_is_handed_out_until_it_is_unsent(
    line: Line, account: OfficialAccount, friend: Person
) -> None:
    sent = people.send_picture(account, friend, a_picture(), now=clock.now())
    path = f"/v2/bot/message/{sent.message_id}/content"
    got = line("GET", path)
    assert (got.status_code, got["content-type"]) == (200, "image/jpeg")
    assert line("GET", f"{path}/preview").status_code == 200
    assert line("GET", f"{path}/transcoding").status_code == 400
    people.unsend(sent, now=clock.now())
    assert line("GET", path).status_code == 410
    assert line("GET", "/v2/bot/message/1/content").status_code == 404


def test_marking_as_read_reaches_back_to_the_earlier_ones(
    line: Line, account: OfficialAccount, friend: Person, webhook: Heard
) -> None:
    for text in ("一", "二", "三"):
        said(account, friend, text)
    webhooks_out.deliver_waiting()
    token = webhook.events[1]["message"]["markAsReadToken"]
    body = {"markAsReadToken": token}
    assert line("POST", "/v2/bot/chat/markAsRead", body).status_code == 200
    read = ChatMessage.objects.filter(read_at__isnull=False).order_by("pk")
    assert [row.body["text"] for row in read] == ["一", "二"]


def test_the_webhook_can_be_tested_and_moved(line: Line, webhook: Heard) -> None:
    tested = line("POST", "/v2/bot/channel/webhook/test", {}).json()
    assert (tested["success"], tested["statusCode"]) == (True, 200)
    assert webhook.events == []
    elsewhere = {"endpoint": "https://example.com/hook"}
    assert line("PUT", "/v2/bot/channel/webhook/endpoint", elsewhere).status_code == 200
    told = line("GET", "/v2/bot/channel/webhook/endpoint").json()
    assert told == {"endpoint": "https://example.com/hook", "active": True}
    bad = {"endpoint": "http://example.com/hook"}
    assert line("PUT", "/v2/bot/channel/webhook/endpoint", bad).status_code == 400


@pytest.fixture
def dispatcher(transactional_db: None) -> Iterator[Dispatcher]:
    running = Dispatcher(threads=3)
    running.start()
    yield running
    running.stop()


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_sends_by_itself_what_was_left_behind_and_what_is_new(
    account: OfficialAccount, friend: Person, webhook: Heard, dispatcher: Dispatcher
) -> None:
    people.say(account, friend, HELLO, now=clock.now())
    deadline = time.monotonic() + 10
    while not webhook.requests and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(webhook.events) == 1
