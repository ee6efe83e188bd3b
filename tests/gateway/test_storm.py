"""Histories as LINE may send them: again and again, in any order, many at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.conversations.models import Conversation, Message
from apps.gateway import line, tasks
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    line.forget_accounts()
    make.account()
    yield
    line.forget_accounts()


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
        webhooks.deliver(live_server.thread.port, [body])
        tasks.route_pending()
    mixer = random.Random(3)
    for user in wild:
        bodies = [webhooks.body(event) for event in _history(user)] * 2
        mixer.shuffle(bodies)
        for at in range(0, len(bodies), 3):  # routed in between, so out of order
            webhooks.deliver(live_server.thread.port, bodies[at : at + 3])
            tasks.route_pending()
        assert _end_of(user) == _end_of(users[0])
    assert Message.objects.filter(direction="in").count() == 3 * len(users)
