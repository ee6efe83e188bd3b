"""Every body LINE is known to send, five times, against the deployment's own server.

What is signed is stored once and answered 200, whatever it holds; what is not is
refused, and nothing of it is stored.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from apps.gateway import events, tasks
from apps.gateway.models import InboundEvent
from tests import make
from tests.gateway import webhooks
from tests.proofs.conftest import Pages

TIMES = 5


@pytest.fixture(autouse=True)
def _account(transactional_db: None) -> None:
    make.account()


def told(event: dict[str, Any]) -> str:
    """Return what makes an event that event, whichever delivery brought it."""
    kept = {key: event[key] for key in event if key != "deliveryContext"}
    return json.dumps(kept, sort_keys=True)


def strange() -> list[bytes]:
    """Return bodies with what text columns do not take."""
    said = ["a\x00b", "\ud83d", "\udfff\x00", "😀" * 900]
    users = ["U" + "a" * 32, "U\x00", "\ud800", ""]
    escaped = [webhooks.body(webhooks.text(w, user=u)) for w in said for u in users]
    return escaped + [_unescaped(webhooks.body(webhooks.text(w))) for w in said]


def _unescaped(body: bytes) -> bytes:
    """Return the body with its characters as bytes, lone surrogates among them."""
    text = json.dumps(json.loads(body), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def test_every_body_five_times_over_eight_connections(pages: Pages) -> None:
    bodies = webhooks.samples() + strange()
    many = bodies * TIMES
    random.Random(7).shuffle(many)
    assert webhooks.deliver(pages.port, many) == {200: len(many)}
    expected = {told(e) for body in bodies for e in json.loads(body)["events"]}
    rows = InboundEvent.objects.values_list("body", flat=True)
    stored = Counter(told(events.unpack(bytes(row))) for row in rows)
    assert stored == Counter(expected)
    tasks.route_pending()
    assert not InboundEvent.objects.filter(state__in=["new", "dead"]).exists()


def test_what_is_wrongly_signed_is_refused_whatever_it_holds(
    pages: Pages,
) -> None:
    bodies = webhooks.samples() + strange()
    refused = {403: len(bodies)}
    assert webhooks.deliver(pages.port, bodies, secret="wrong") == refused
    assert webhooks.deliver(pages.port, bodies, secret=None) == refused
    assert not InboundEvent.objects.exists()
