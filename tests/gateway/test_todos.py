"""HQ's to-do of the events that could not be routed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core import clock
from apps.gateway.models import InboundEvent, ShopConnection, ShopEvent
from apps.gateway.reports import dead_letters
from apps.reports.todos import SOURCES
from tests import make

pytestmark = pytest.mark.django_db


def event(state: str) -> None:
    """Keep an event in that state since an hour."""
    at = clock.now() - timedelta(hours=1)
    InboundEvent.objects.create(
        account=make.account(), event_id=f"e{make.number()}", type="message",
        occurred_at=at, body=b"{}", state=state, not_before=at, received_at=at,
        done_at=at if state == "done" else None,
        error="boom" if state == "dead" else "",
    )  # fmt: skip


def test_dead_events_wait_for_hq() -> None:
    assert dead_letters in SOURCES
    event("done")
    assert not list(dead_letters(clock.now()))
    event("dead")
    event("dead")
    [todo] = dead_letters(clock.now())
    assert todo.title.startswith("2 則")
    assert "1 小時前" in todo.detail


def test_dead_webhooks_of_shops_wait_for_hq() -> None:
    event("dead")
    at = clock.now() - timedelta(hours=1)
    ShopEvent.objects.create(
        connection=ShopConnection.objects.create(
            platform="shopify", slug="tw", name="官網", secret="s", created_at=at
        ),
        delivery_id="d1", topic="orders/create", body=b"{}", state="dead",
        error="currency: only TWD", not_before=at, received_at=at,
    )  # fmt: skip
    found = {todo.code: todo for todo in dead_letters(clock.now())}
    assert set(found) == {"dead_events", "dead_shop_events"}
    assert found["dead_shop_events"].title.startswith("1 筆")
