"""The LINE stand-in for tests: a process of its own, spoken to over HTTP only.

Take the fixtures into a folder by its conftest:
`from tests.line_platform import line_platform, line_server`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from apps.channels.line import client as line_client
from apps.channels.models import Account
from config import settings_test
from tests import make
from tests.processes import eventually, free_ports, running

TOKEN = "control-token-of-the-tests"
START_SECONDS = 40.0


@dataclass
class LinePlatform:
    """The stand-in's control API, and the accounts that both sides know."""

    url: str
    control: httpx.Client

    def account(self, slug: str = "main", **facts: Any) -> Account:
        """Make an account here and there; `facts` are the stand-in's own settings."""
        account = make.account(slug)
        shared = (
            "name", "basic_id", "channel_id", "channel_secret", "access_token",
            "login_channel_id", "login_channel_secret", "liff_id",
        )  # fmt: skip
        known = {field: getattr(account, field) for field in shared}
        self._do("PUT", f"accounts/{slug}", {**known, **facts})
        return account

    def person(
        self, user_id: str = "", *, name: str = "陳思妤", friend: str = "friend"
    ) -> str:
        """Make a person, or change one; return the user id."""
        user_id = user_id or make.line_user_id()
        friends = {"name": name, "friends": {"main": friend}}
        self._do("PUT", f"people/{user_id}", friends)
        return user_id

    def crowd(self, number: int) -> list[str]:
        """Make many friends at once; return their user ids."""
        ids = [make.line_user_id() for _ in range(number)]
        rows = [
            {"user_id": user_id, "name": f"顧客 {n}", "friends": {"main": "friend"}}
            for n, user_id in enumerate(ids)
        ]
        self._do("POST", "people", {"people": rows})
        return ids

    def fault(self, action: str, endpoint: str = "push", **how: Any) -> None:
        """Order a fault: `next` calls or a `probability`, `seconds` of silence."""
        order = {"action": action, "endpoint": endpoint, "account": "main", **how}
        self._do("POST", "faults", order)

    def calm(self) -> None:
        """Call all faults off."""
        self._do("DELETE", "faults")

    def age(self, seconds: float) -> None:
        """Let reply tokens and retry keys grow older."""
        self._do("POST", "clock", {"seconds": seconds})

    def say(self, user_id: str, text: str = "您好") -> dict[str, Any]:
        """Let a person write; return the webhook event that LINE sends for it."""
        message = {"type": "text", "text": text}
        act = {"account": "main", "act": "say", "message": message}
        said = self._do("POST", f"people/{user_id}/acts", act)
        events = self._do("GET", f"webhooks?user_id={user_id}")["events"]
        mine = [each["event"] for each in events if "message" in each["event"]]
        found: dict[str, Any] = next(
            event for event in mine if event["message"]["id"] == said["message_id"]
        )
        return found

    def act(self, user_id: str, act: str, **facts: Any) -> dict[str, Any]:
        """Let a person do something else."""
        order = {"account": "main", "act": act, **facts}
        return self._do("POST", f"people/{user_id}/acts", order)

    def received(self, user_id: str) -> list[dict[str, Any]]:
        """Return the bubbles that the account sent to the person, oldest first."""
        bubbles = self._do("GET", f"people/{user_id}/messages")["messages"]
        return [bubble for bubble in bubbles if not bubble["from_user"]]

    def _do(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = self.control.request(method, f"/control/{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.text[:500]}"
        facts: dict[str, Any] = answer.json()
        return facts


@pytest.fixture(scope="session")
def line_server(django_db_setup: None) -> Iterator[Callable[[str], str]]:
    """Return a verb that starts the stand-in on a database, once, and tells its URL.

    It ends before the test database is taken down, which no process may hold open.
    """
    with ExitStack() as stack:

        @functools.cache
        def start(database_url: str) -> str:
            (port,) = free_ports(1)
            arguments = ("manage.py", "simulate", "--port", str(port))
            server = running(
                *arguments,
                DATABASE_URL=database_url,
                SIMULATOR="1",
                SIMULATOR_TOKEN=TOKEN,
                VAR_DIR=str(settings_test.VAR_DIR),
            )
            stack.enter_context(server)
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: _answers(url), START_SECONDS)
            return url

        yield start


@pytest.fixture
def line_platform(
    transactional_db: None,
    line_server: Callable[[str], str],
    database_url: str,
    settings: Settings,
) -> Iterator[LinePlatform]:
    """The stand-in, empty, with the adapter's hosts pointed at it.

    Both processes share the test database, which is emptied after the test.
    """
    url = line_server(database_url)
    for host in ("API", "DATA", "LOGIN", "WEB"):
        setattr(settings, f"LINE_{host}_HOST", url)
    settings.LINE_LIFF_HOST = f"{url}/liff"
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=bearer, timeout=30) as control:
        yield LinePlatform(url, control)
    line_client.forget_clients()


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/control/faults", timeout=5).status_code == 401
    return False
