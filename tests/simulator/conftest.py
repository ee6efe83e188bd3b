"""The simulator's own cast: an account, three people, and a client that speaks LINE."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.core import clock
from apps.simulator.models import Friendship, OfficialAccount, Person
from apps.simulator.platform import rates
from apps.simulator.services import staging

HELLO = {"type": "text", "text": "您好"}


@pytest.fixture(autouse=True)
def _simulator(settings: Settings) -> None:
    settings.ROOT_URLCONF = "config.urls_simulator"
    settings.LOCAL = True
    rates.reset()


@pytest.fixture
def account(db: None) -> OfficialAccount:
    """晴川's account, without a webhook."""
    facts = {"name": "晴川衣著", "basic_id": "@qingchuan", "channel_secret": "s3cret"}
    return staging.put_account("main", facts)


@pytest.fixture
def befriended(account: OfficialAccount) -> Callable[..., Person]:
    """Make a person in a state of friendship with the account."""

    def make(name: str = "陳思妤", state: str = Friendship.State.FRIEND) -> Person:
        person = Person.objects.create(name=name)
        Friendship.objects.create(
            account=account, person=person, state=state, changed_at=clock.now()
        )
        return person

    return make


@pytest.fixture
def friend(befriended: Callable[..., Person]) -> Person:
    """A friend of the account."""
    return befriended()


@dataclass
class Line:
    """Speaks the Messaging API as an account's server would."""

    account: OfficialAccount
    client: Client = field(default_factory=Client)

    def __call__(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Any:
        """Call an endpoint with the account's token."""
        given = {"Authorization": f"Bearer {self.account.access_token}", **headers}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.generic(
            method,
            path,
            raw if body is not None else b"",
            content_type=given.pop("type", "application/json"),
            headers=given,
        )

    def push(
        self, to: str, *messages: dict[str, Any], key: uuid.UUID | None = None
    ) -> Any:
        """Push messages, with a retry key if one is given."""
        headers = {"X-Line-Retry-Key": str(key)} if key else {}
        body = {"to": to, "messages": list(messages) or [HELLO]}
        return self("POST", "/v2/bot/message/push", body, **headers)

    def reply(self, token: str, *messages: dict[str, Any], **headers: str) -> Any:
        """Answer an event."""
        body = {"replyToken": token, "messages": list(messages) or [HELLO]}
        return self("POST", "/v2/bot/message/reply", body, **headers)


@pytest.fixture
def line(account: OfficialAccount) -> Line:
    """The account's server."""
    return Line(account)


@dataclass
class Heard:
    """What a webhook server heard: raw bodies, headers, and how it answers."""

    url: str
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event, in the order of arrival."""
        bodies = [json.loads(raw) for _, raw in self.requests]
        return [event for body in bodies for event in body["events"]]


@pytest.fixture
def webhook(account: OfficialAccount) -> Iterator[Heard]:
    """A real HTTP server that the account's webhooks go to."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append(
                ({k.lower(): v for k, v in self.headers.items()}, raw)
            )
            self.send_response(heard.status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard = Heard(f"http://127.0.0.1:{server.server_port}/webhooks/line/main/")
    Thread(target=server.serve_forever, daemon=True).start()
    account.webhook_url = heard.url
    account.save()
    yield heard
    server.shutdown()
    server.server_close()
