"""Short messages: sent once, never twice, forgotten when settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from apps.messaging import services as messaging
from apps.messaging.models import ShortMessage
from tests.sms_gateway import Standin, gateway

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATER = timedelta(minutes=5)
PHONE, WORDS = "+886912345678", "驗證碼 123456"
State = ShortMessage.State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def standin(settings) -> Iterator[Standin]:  # type: ignore[no-untyped-def]
    with gateway() as found:
        settings.SMS_GATEWAY, settings.SMS_URL = "web", found.url
        settings.SMS_TOKEN = "x"
        yield found


def written(*, now: datetime = NOW) -> ShortMessage:
    return messaging.text(
        "+886912345678",
        "驗證碼 123456",
        purpose="code",
        expires_at=now + LATER,
        now=now,
    )


def state_of(message: ShortMessage) -> str:
    message.refresh_from_db()
    return message.state


def test_it_is_sent_and_its_text_forgotten(standin: Standin) -> None:
    message = written()

    assert messaging.send_next(now=NOW)
    assert not messaging.send_next(now=NOW)

    assert state_of(message) == State.ACCEPTED
    assert (message.text, message.external_id) == (None, "m-1")
    assert len(standin.calls) == 1


def test_its_text_is_not_readable_in_the_table(standin: Standin) -> None:
    written()

    with connection.cursor() as cursor:
        cursor.execute("select text from messaging_shortmessage")
        [(stored,)] = cursor.fetchall()
    assert "123456" not in stored


@pytest.mark.parametrize(
    ("status", "state"), [(400, State.FAILED), (500, State.UNKNOWN)]
)
def test_what_was_refused_or_may_have_gone_out_is_not_sent_again(
    standin: Standin, status: int, state: str
) -> None:
    standin.status = status
    message = written()

    messaging.send_next(now=NOW)

    assert state_of(message) == state
    assert not messaging.send_next(now=NOW + timedelta(hours=1))


def test_a_gateway_that_is_busy_is_asked_again_later(standin: Standin) -> None:
    standin.status = 429
    message = written()
    messaging.send_next(now=NOW)
    assert state_of(message) == State.QUEUED
    assert not messaging.send_next(now=NOW)

    standin.status = 201
    assert messaging.send_next(now=NOW + timedelta(seconds=6))

    assert state_of(message) == State.ACCEPTED


def test_a_code_that_is_too_old_is_not_sent(standin: Standin) -> None:
    message = written()

    messaging.send_next(now=NOW + LATER)

    assert state_of(message) == State.EXPIRED
    assert not standin.calls


def test_what_a_dead_sender_held_is_unknown_and_not_sent(standin: Standin) -> None:
    message = written()
    ShortMessage.objects.update(state=State.SENDING, leased_until=NOW, attempts=1)

    messaging.send_next(now=NOW + timedelta(minutes=1))

    assert state_of(message) == State.UNKNOWN
    assert not standin.calls


def test_without_a_gateway_it_says_so(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SMS_GATEWAY = ""
    message = written()

    messaging.send_next(now=NOW)

    assert (state_of(message), message.reason) == (State.FAILED, "no_gateway")


def test_the_database_forgets_settled_texts(standin: Standin) -> None:
    message = written()

    with pytest.raises(IntegrityError, match="a_settled_text_is_forgotten"):
        ShortMessage.objects.filter(pk=message.pk).update(
            state=State.FAILED, settled_at=NOW
        )
