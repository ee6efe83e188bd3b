"""Webhooks as LINE may send them: again and again, in any order, many at once."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.conversations.models import Conversation, Message
from apps.gateway import events, line, tasks
from apps.gateway.models import InboundEvent
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS = 8
TIMES = 5


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    line.forget_accounts()
    make.account()
    yield
    line.forget_accounts()


def deliver(server: LiveServer, bodies: Sequence[bytes], *, sign: bool) -> Counter[int]:
    """Post the bodies over connections that stay open; count the answers by status."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        shares = [bodies[at::CONNECTIONS] for at in range(CONNECTIONS)]
        counts = pool.map(lambda share: _post(server, share, sign=sign), shares)
        return sum(counts, Counter())


def _post(server: LiveServer, bodies: Sequence[bytes], *, sign: bool) -> Counter[int]:
    connection = http.client.HTTPConnection(server.thread.host, server.thread.port)
    answers: Counter[int] = Counter()
    for body in bodies:
        signed = webhooks.signature(body, webhooks.SECRET if sign else "wrong")
        connection.request(
            "POST", "/webhooks/line/main/", body, {"x-line-signature": signed}
        )
        answer = connection.getresponse()
        answer.read()
        answers[answer.status] += 1
    connection.close()
    return answers


def told(event: dict[str, Any]) -> str:
    """Return what makes an event that event, whichever delivery brought it."""
    kept = {key: event[key] for key in event if key != "deliveryContext"}
    return json.dumps(kept, sort_keys=True)


def strange() -> list[bytes]:
    """Return bodies with what text columns do not take."""
    said = ["a\x00b", "\ud83d", "\udfff\x00", "😀" * 900]
    users = ["U" + "a" * 32, "U\x00", "\ud800", ""]
    return [webhooks.body(webhooks.text(w, user=u)) for w in said for u in users]


def test_every_body_five_times_over_eight_connections(live_server: LiveServer) -> None:
    bodies = webhooks.samples() + strange()
    many = bodies * TIMES
    random.Random(7).shuffle(many)
    assert deliver(live_server, many, sign=True) == {200: len(many)}
    expected = {told(e) for body in bodies for e in json.loads(body)["events"]}
    rows = InboundEvent.objects.values_list("body", flat=True)
    stored = Counter(told(events.unpack(bytes(row))) for row in rows)
    assert stored == Counter(expected)
    tasks.route_pending()
    assert not InboundEvent.objects.filter(state__in=["new", "dead"]).exists()


def test_what_is_wrongly_signed_is_refused_whatever_it_holds(
    live_server: LiveServer,
) -> None:
    bodies = webhooks.samples() + strange()
    assert deliver(live_server, bodies, sign=False) == {403: len(bodies)}
    assert not InboundEvent.objects.exists()


def _history(user: str) -> list[Any]:
    """Return what a customer did, in order, a second each."""
    first = webhooks.text("有駝色嗎？", user=user)
    taken_back = webhooks.text("打錯了", user=user)
    gone = {"messageId": taken_back["message"]["id"]}
    picture = {
        "id": f"9{user[-9:]}",
        "type": "image",
        "contentProvider": {"type": "line"},
    }
    told = [
        webhooks.event("follow", user=user, follow={"isUnblocked": False}),
        first,
        taken_back,
        webhooks.event("unsend", user=user, unsend=gone),
        webhooks.event(user=user, message=picture),
        webhooks.event("unfollow", user=user),
        webhooks.event("follow", user=user, follow={"isUnblocked": True}),
        webhooks.event("unfollow", user=user),
    ]
    for place, event in enumerate(told):
        event["timestamp"] = 1_760_000_000_000 + place * 1_000
    return told


def _end_of(user: str) -> tuple[Any, ...]:
    conversation = Conversation.objects.get(address=user)
    messages = conversation.messages.order_by("at")
    kept = messages.values_list(
        "direction", "kind", "text", "facts__event", "at", "unsent_at"
    )
    identity = conversation.member.identities.get()
    return conversation.is_blocked, identity.friend, list(kept)


def test_any_order_and_repetition_of_a_history_ends_the_same(
    live_server: LiveServer,
) -> None:
    users = [f"U{n:032x}" for n in range(1, 9)]
    _calm, *wild = users
    calm_bodies = [webhooks.body(event) for event in _history(users[0])]
    for body in calm_bodies:
        deliver(live_server, [body], sign=True)
        tasks.route_pending()
    mixer = random.Random(3)
    for user in wild:
        bodies = [webhooks.body(event) for event in _history(user)] * 2
        mixer.shuffle(bodies)
        for at in range(0, len(bodies), 3):  # routed in between, so out of order
            deliver(live_server, bodies[at : at + 3], sign=True)
            tasks.route_pending()
        assert _end_of(user) == _end_of(users[0])
    assert Message.objects.filter(direction="in").count() == 3 * len(users)
