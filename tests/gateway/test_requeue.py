"""Dead events are looked at by a person, and routed once more."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEntry
from apps.conversations.models import Message
from apps.core import clock
from apps.core.health import BACKLOGS
from apps.gateway import events, services, tasks
from apps.gateway.models import InboundEvent
from apps.staff.models import Staff
from config.management.commands.check_invariants import collect, offenders
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db(transaction=True)


def dead() -> InboundEvent:
    now = clock.now()
    received = events.read(webhooks.body(webhooks.text("嗨")), now=now)
    InboundEvent.objects.take_in(make.account().pk, received, now=now)
    InboundEvent.objects.update(state="dead", attempts=6, error="ValueError: x")
    return InboundEvent.objects.get()


def test_a_dead_event_is_routed_once_more() -> None:
    row, admin = dead(), make.staff("管理員", role=Staff.Role.ADMIN)
    for moved in (1, 0):
        assert services.requeue([row], by=admin, now=clock.now()) == moved
    tasks.route_pending()
    assert Message.objects.filter(direction="in").count() == 1
    assert AuditEntry.objects.filter(action="event.requeued").count() == 1


def test_what_cannot_be_read_stays_dead() -> None:
    now = clock.now()
    received = events.read(b"no json", now=now)
    InboundEvent.objects.take_in(make.account().pk, received, now=now)
    row = InboundEvent.objects.get()
    assert (row.state, bytes(row.body)) == ("dead", b"no json")
    assert services.requeue([row], by=None, now=now) == 0


def test_the_admin_shows_events_without_their_words(client: Client) -> None:
    row = dead()
    client.force_login(make.staff("管理員", role=Staff.Role.ADMIN, is_superuser=True))
    listed = client.get(reverse("admin:gateway_inboundevent_changelist"))
    shown = client.get(reverse("admin:gateway_inboundevent_change", args=[row.pk]))
    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "嗨" not in shown.content.decode()
    posted = client.post(
        reverse("admin:gateway_inboundevent_changelist"),
        {"action": "requeue", "_selected_action": [row.pk]},
    )
    assert posted.status_code == 302
    row.refresh_from_db()
    assert row.state == "new"
    tasks.route_pending()
    conversations = reverse("admin:conversations_conversation_changelist")
    assert client.get(conversations).status_code == 200


def test_the_backlog_is_shown_to_who_watches() -> None:
    assert BACKLOGS["events"].oldest_at() is None
    now = clock.now()
    received = events.read(webhooks.body(webhooks.text("嗨")), now=now)
    InboundEvent.objects.take_in(make.account().pk, received, now=now)
    assert BACKLOGS["events"].oldest_at() == now


def test_an_unsent_message_is_wiped_where_it_came_in() -> None:
    make.account()
    said = webhooks.text("秘密")
    gone = webhooks.event("unsend", unsend={"messageId": said["message"]["id"]})
    for order in ((said, gone), (gone, said)):
        for event in order:
            now = clock.now()
            received = events.read(webhooks.body(event), now=now)
            InboundEvent.objects.take_in(make.account().pk, received, now=now)
            tasks.route_pending()
        bodies = [
            bytes(row.body) for row in InboundEvent.objects.filter(type="message")
        ]
        assert bodies == [b"{}"]
        for name, query in collect().items():
            if name.startswith(("conversations", "gateway")):
                assert not offenders(query), name
        Message.objects.all().delete()
        InboundEvent.objects.all().delete()
