"""The Messaging API through the real adapter, against the stand-in over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from apps.channels.errors import Unavailable
from apps.channels.line import client as line_client
from apps.channels.line import messages
from apps.channels.line.client import Line
from apps.channels.models import Account
from tests.line_platform import LinePlatform
from tests.processes import free_ports

SENDER = messages.Sender("王小美", "https://brand.example/faces/7.png")
HELLO = messages.text("您好 😀", SENDER)
CARD = messages.product_card(
    messages.ProductCard(
        name="羊毛混紡長大衣",
        price=4280,
        list_price=5280,
        note="駝、炭灰，S 到 L",
        url="https://brand.example/l/a1b2c3",
        picture_url="https://brand.example/media/coat.png",
    ),
    SENDER,
)


@pytest.fixture
def account(line_platform: LinePlatform) -> Account:
    return line_platform.account(monthly_quota=500)


def test_a_push_arrives_as_it_was_written(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person()

    outcome = Line(account).push(user, [HELLO, CARD], retry_key=uuid.uuid4())

    received = line_platform.received(user)
    assert outcome.verdict == "accepted"
    assert [bubble["message"] for bubble in received] == [HELLO, CARD]
    assert outcome.external_ids == [bubble["message_id"] for bubble in received]
    assert outcome.request_id == received[0]["request_id"]


def test_a_carousel_passes_the_schema(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person()
    card = messages.ProductCard("襪子", 90, "https://brand.example/l/a")
    carousel = messages.product_carousel([card] * 12, SENDER)

    assert Line(account).push(user, [carousel], retry_key=uuid.uuid4()).status == 200


def test_the_same_key_sends_once_and_is_accepted_twice(
    line_platform: LinePlatform, account: Account
) -> None:
    user, key = line_platform.person(), uuid.uuid4()

    first = Line(account).push(user, [HELLO], retry_key=key)
    second = Line(account).push(user, [HELLO], retry_key=key)

    assert (first.status, second.status) == (200, 409)
    assert second.verdict == "accepted"
    assert second.external_ids == first.external_ids
    assert second.request_id == first.request_id
    assert len(line_platform.received(user)) == 1


def test_a_reply_is_free_and_its_token_is_used_up(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person()
    token = line_platform.say(user)["replyToken"]
    line = Line(account)

    assert line.reply(token, [HELLO]).verdict == "accepted"
    assert line.reply(token, [HELLO]).verdict == "bad_token"
    assert len(line_platform.received(user)) == 1
    assert line.quota() == (500, 0)


def test_a_reply_token_dies_of_age(
    line_platform: LinePlatform, account: Account
) -> None:
    token = line_platform.say(line_platform.person())["replyToken"]
    line_platform.age(90)

    assert Line(account).reply(token, [HELLO]).verdict == "bad_token"


def test_an_unknown_person_and_a_bad_message_are_rejected_with_the_reason(
    line_platform: LinePlatform, account: Account
) -> None:
    line, user = Line(account), line_platform.person()

    unknown = line.push("U" + "f" * 32, [HELLO], retry_key=uuid.uuid4())
    bad = line.push(user, [{"type": "text", "text": ""}], retry_key=uuid.uuid4())

    assert (unknown.verdict, unknown.status) == ("rejected", 400)
    assert unknown.reason == "Failed to send messages"
    assert bad.verdict == "rejected"
    assert "messages[0]" in bad.reason


def test_a_refused_token_and_an_empty_one_are_unauthorized(
    line_platform: LinePlatform, account: Account
) -> None:
    for token in ("wrong", ""):
        account.access_token = token
        outcome = Line(account).push("U" + "0" * 32, [HELLO], retry_key=uuid.uuid4())
        assert outcome.verdict == "unauthorized"


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("429", "throttled"),
        ("429_monthly", "over_quota"),
        ("500", "unreachable"),
        ("500_after", "unreachable"),
    ],
)
def test_a_fault_is_told_from_another(
    line_platform: LinePlatform, account: Account, action: str, verdict: str
) -> None:
    user = line_platform.person()
    line_platform.fault(action, next=1)

    outcome = Line(account).push(user, [HELLO], retry_key=uuid.uuid4())

    assert outcome.verdict == verdict
    assert outcome.is_ambiguous == (verdict == "unreachable")


@pytest.mark.parametrize("action", ["silence", "silence_after"])
def test_silence_ends_at_our_own_limit_and_is_ambiguous(
    line_platform: LinePlatform,
    account: Account,
    action: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_client, "TIMEOUT", (1.0, 0.5))
    user = line_platform.person()
    line_platform.fault(action, next=1, seconds=2)

    outcome = Line(account).push(user, [HELLO], retry_key=uuid.uuid4())

    assert outcome.is_ambiguous
    assert outcome.status is None


def test_a_profile_is_told_until_the_person_blocks(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person(name="陳思妤")
    line = Line(account)

    profile = line.profile(user)
    line_platform.act(user, "block")

    assert profile is not None
    assert (profile.user_id, profile.name) == (user, "陳思妤")
    assert line.profile(user) is None


def test_the_quota_counts_people(line_platform: LinePlatform, account: Account) -> None:
    user = line_platform.person()
    line = Line(account)
    line.push(user, [HELLO, HELLO], retry_key=uuid.uuid4())

    assert line.quota() == (500, 1)


def test_an_account_without_limit_has_none(line_platform: LinePlatform) -> None:
    assert Line(line_platform.account(monthly_quota=None)).quota() == (None, 0)


def test_a_question_that_is_not_answered_raises(
    line_platform: LinePlatform, account: Account
) -> None:
    account.access_token = "wrong"

    with pytest.raises(Unavailable) as raised:
        Line(account).quota()

    assert raised.value.outcome.verdict == "unauthorized"


def test_what_a_person_sent_is_fetched_until_it_is_gone(
    line_platform: LinePlatform, account: Account
) -> None:
    line = Line(account)

    assert line.content("1234567890123456789") == "gone"


def test_loading_and_read_marks_are_accepted(
    line_platform: LinePlatform, account: Account
) -> None:
    user = line_platform.person()
    event = line_platform.say(user)
    line = Line(account)

    assert line.loading(user).verdict == "accepted"
    read = line.mark_read(event["message"]["markAsReadToken"])
    assert read.verdict == "accepted"


@pytest.fixture
def brand(db: None, settings: Settings) -> Iterator[Account]:
    """An account whose LINE is whatever the test makes of it."""
    yield Account(slug="main", access_token="t")
    line_client.forget_clients()


def test_no_connection_means_not_sent(brand: Account, settings: Settings) -> None:
    settings.LINE_API_HOST = f"http://127.0.0.1:{free_ports(1)[0]}"

    outcome = Line(brand).reply("token", [HELLO])

    assert outcome.verdict == "unreachable"
    assert not outcome.is_ambiguous


@contextmanager
def something_else(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A server that answers everything alike, or hangs up where the status is 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if not status:
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (0, b"", {}),
        (502, b"\xff\xfe not text", {}),
        (200, b"\xff\xfe not text", {}),
        (200, b"x", {"Content_Type": "text/html; charset=nonsense"}),
        (302, b"", {"Location": "/elsewhere"}),
        (503, b"<html>", {"Content_Type": "text/html"}),
    ],
)
def test_what_is_not_lines_answer_leaves_the_matter_open(
    brand: Account,
    settings: Settings,
    status: int,
    body: bytes,
    headers: dict[str, str],
) -> None:
    with something_else(status, body, **headers) as settings.LINE_API_HOST:
        outcome = Line(brand).push("U" + "0" * 32, [HELLO], retry_key=uuid.uuid4())

    assert outcome.is_ambiguous
