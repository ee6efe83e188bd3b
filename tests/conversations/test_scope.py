"""Who may open whose conversation, and who handles it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEntry
from apps.conversations import reports, services
from apps.conversations.models import Conversation, Message
from apps.core import clock
from tests import make
from tests.conversations.conftest import Cast

WHO = ("lin", "wu", "manager", "service", "marketing")


@pytest.mark.parametrize(
    ("desk", "seen_by"),
    [
        ("lin", {"lin", "manager", "service"}),
        ("wu", {"wu", "service"}),
        ("hq", {"service"}),
    ],
)
def test_nobody_opens_another_persons_conversation(
    cast: Cast, desk: str, seen_by: set[str]
) -> None:
    owner = None if desk == "hq" else getattr(cast, desk)
    person = make.member(on=cast.account)
    if owner is not None:
        store = cast.store if owner == cast.lin else cast.other_store
        make.bound(person, owner, store, since=clock.now())
    said = cast.says(person)
    for name in WHO:
        viewer = getattr(cast, name)
        may = name in seen_by
        assert Conversation.objects.visible_to(viewer).exists() is may, name
        assert Message.objects.visible_to(viewer).filter(pk=said.pk).exists() is may
        assert bool(reports.inbox_of(viewer, filter="all").rows) is may, name


def test_taking_over_puts_it_on_ones_own_desk_and_is_recorded(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    for _twice in range(2):
        services.take_over(talk, by=cast.service, now=clock.now())
    talk.refresh_from_db()
    assert (talk.staff, talk.desk_reason) == (cast.service, "taken_over")
    assert not Conversation.objects.visible_to(cast.lin).exists()
    assert AuditEntry.objects.filter(action="conversation.taken_over").count() == 1
    events = Message.objects.filter(direction="event")
    assert [event.words for event in events] == ["總部客服 接手對話"]


def test_closing_and_opening_again(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    services.take_over(talk, by=cast.service, now=clock.now())
    for _twice in range(2):
        services.close(talk, by=cast.service, now=clock.now())
    talk.refresh_from_db()
    assert (talk.status, talk.waiting_since, talk.unread) == ("closed", None, 0)
    for _twice in range(2):
        services.reopen(talk, by=cast.lin, now=clock.now())
    talk.refresh_from_db()
    assert (talk.status, talk.staff) == ("open", cast.lin)
    assert Message.objects.filter(direction="event").count() == 3


def test_only_whose_desk_it_is_has_seen_it(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    for viewer, unread in ((cast.manager, 1), (cast.service, 1), (cast.lin, 0)):
        services.mark_seen(talk, by=viewer, now=clock.now())
        talk.refresh_from_db()
        assert talk.unread == unread


def test_the_list_costs_three_queries_whatever_its_length(cast: Cast) -> None:
    for _customer in range(8):
        cast.talk(of=cast.lin)
    for chosen, search in (("", ""), ("waiting", ""), ("closed", ""), ("", "陳")):
        with CaptureQueriesContext(connection) as queries:
            reports.inbox_of(cast.lin, filter=chosen, search=search)
        assert len(queries) <= 3, chosen


def test_a_thread_costs_two_queries(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    with CaptureQueriesContext(connection) as queries:
        (bubble,) = reports.thread_of(talk)
        assert bubble.conversation.member.label
    assert len(queries) <= 2


def test_whoever_waits_longest_stands_first_then_the_latest(cast: Cast) -> None:
    first, second, third = (cast.talk(of=cast.lin) for _talk in range(3))
    services.reply(
        first, text="好", client_id=UUID(int=1), by=cast.lin, now=clock.now()
    )
    inbox = reports.inbox_of(cast.lin)
    assert [row.pk for row in inbox.rows] == [second.pk, third.pk, first.pk]
    assert [(tab.key, tab.count) for tab in inbox.tabs] == [
        ("", 0), ("waiting", 2), ("closed", 0),
    ]  # fmt: skip
    waiting = reports.inbox_of(cast.lin, filter="waiting")
    assert [row.pk for row in waiting.rows] == [second.pk, third.pk]


def test_each_page_more_shows_further_conversations_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PAGE", 3)
    talks = [cast.talk(of=cast.lin) for _talk in range(8)]
    for place, talk in enumerate(talks[:4]):
        services.reply(
            talk, text="好", client_id=UUID(int=place), by=cast.lin, now=clock.now()
        )
    tops = [reports.inbox_of(cast.lin, pages=number) for number in (1, 2, 3)]
    assert [len(top.rows) for top in tops] == [3, 6, 8]
    seen = [row.pk for row in tops[-1].rows]
    assert sorted(seen) == sorted(talk.pk for talk in talks)
    assert [top.has_more for top in tops] == [True, True, False]


@pytest.mark.parametrize(
    ("search", "found"),
    [("陳思", 1), ("0912 345", 1), ("駝色", 1), ("王", 0), ("%", 0)],
)
def test_searching_by_name_phone_and_last_words(
    cast: Cast, search: str, found: int
) -> None:
    person = make.member(on=cast.account, phone="+886912345678")
    make.bound(person, cast.lin, cast.store, since=clock.now())
    cast.says(person, "駝色 M 號")
    assert len(reports.inbox_of(cast.lin, search=search).rows) == found


def test_how_long_the_customer_waited_is_said_in_words(cast: Cast) -> None:
    talk = cast.talk(of=cast.lin)
    said = reports.waited(talk, now=talk.last_message_at)
    assert (said.words, said.level) == ("由林怡君服務，已等 0 分鐘", "calm")
    hq = cast.talk()
    services.close(hq, by=cast.service, now=clock.now())
    hq.refresh_from_db()
    assert reports.waited(hq, now=clock.now()).words == "由總部服務，已結案"
