"""The house as it is deployed: pages, worker and the stand-in, on the test database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
from django.conf import settings

from apps.gateway import line
from config import settings_test
from config.processes import Child
from tests.line_platform import LinePlatform, line_platform, line_server
from tests.processes import eventually, free_pair, running

__all__ = ["line_platform", "line_server"]

START_SECONDS = 60.0


@dataclass(frozen=True)
class Pages:
    """The deployment's own server, as `manage.py serve` starts it."""

    port: int
    process: Child

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook(self) -> str:
        """Where the account `main` takes its webhooks."""
        return f"{self.url}/webhooks/line/main/"


@pytest.fixture
def surroundings(database_url: str) -> dict[str, str]:
    """Return what every process of the house is to know."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(settings_test.VAR_DIR),
    }


@pytest.fixture
def pages(transactional_db: None, surroundings: dict[str, str]) -> Iterator[Pages]:
    """Serve pages and streams; gone before the test's database is emptied."""
    port = free_pair()
    line.forget_accounts()
    with running(
        "manage.py", "serve", f"--port={port}", grace=15, **surroundings
    ) as child:
        here = Pages(port, child)
        eventually(lambda: _answers(here), START_SECONDS)
        yield here


@pytest.fixture
def with_line(
    surroundings: dict[str, str], line_platform: LinePlatform
) -> dict[str, str]:
    """Return the surroundings of a process that speaks with the stand-in."""
    hosts = ("API", "DATA", "LOGIN", "WEB")
    return surroundings | {f"LINE_{each}_HOST": line_platform.url for each in hosts}


def _answers(pages: Pages) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{pages.url}/healthz", timeout=2).is_success
    return False
