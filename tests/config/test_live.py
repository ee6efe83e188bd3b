"""Notices reach the pages that may have them, quickly, and nobody else."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from django.db import connection
from django.test import Client

from apps.core import live
from apps.staff.models import Staff
from config.hub import RESYNC, WAITING_NOTICES, Hub
from tests.processes import eventually, free_ports, running

PAGES = 50
Headers = dict[str, str]
Event = tuple[str, dict[str, object]]


@pytest.fixture
def streams(transactional_db: None, database_url: str) -> Iterator[str]:
    """Run the server of live streams; answer with its address."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with running(
        "-m", "config.web", "streams", "--port", str(port), DATABASE_URL=database_url
    ):
        eventually(lambda: _healthy(url))
        yield url


@pytest.fixture
def lin(transactional_db: None) -> Staff:
    return Staff.objects.create_user("lin", name="林怡君", role="salesperson")


@pytest.fixture
def wang(transactional_db: None) -> Staff:
    return Staff.objects.create_user("wang", name="王經理", role="service")


@pytest.fixture
def her(lin: Staff) -> Headers:
    """Return the headers that 林怡君's browser sends."""
    return _signed_in(lin)


@pytest.fixture
def him(wang: Staff) -> Headers:
    """Return the headers that HQ's browser sends."""
    return _signed_in(wang)


def test_a_notice_reaches_its_page_within_a_second(
    streams: str, lin: Staff, her: Headers
) -> None:
    async def scenario() -> None:
        async with _page(streams, her) as events:
            started = time.monotonic()
            await _publish(f"staff:{lin.pk}", "message-arrived", conversation=42)
            name, notice = await anext(events)
            assert time.monotonic() - started < 1
            assert (name, notice["conversation"]) == ("message-arrived", 42)

    asyncio.run(scenario())


def test_a_page_hears_nothing_of_others(
    streams: str, lin: Staff, wang: Staff, her: Headers, him: Headers
) -> None:
    async def scenario() -> None:
        async with (
            _page(streams, her) as hers,
            _page(streams, him) as his,
        ):
            await _publish("desk:hq", "for-hq")
            await _publish(f"staff:{wang.pk}", "for-him")
            await _publish(f"staff:{lin.pk}", "for-her")
            assert (await anext(hers))[0] == "for-her"
            assert [(await anext(his))[0] for _ in range(2)] == ["for-hq", "for-him"]

    asyncio.run(scenario())


def test_fifty_pages_hear_it_quickly(
    streams: str, him: Headers, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> list[float]:
        waits: list[float] = []
        async with AsyncExitStack() as open_pages:
            pages = [
                await open_pages.enter_async_context(_page(streams, him))
                for _ in range(PAGES)
            ]
            for _ in range(10):
                started = time.monotonic()
                await _publish("desk:hq", "message-arrived")
                waits += await asyncio.gather(*(_wait(page, started) for page in pages))
        return waits

    waits = sorted(asyncio.run(scenario()))
    p95 = waits[int(len(waits) * 0.95)]
    with capsys.disabled():
        print(  # noqa: T201  (a proof prints what it measured)
            f"\nlive: {PAGES} pages, {len(waits)} notices, "
            f"median {statistics.median(waits) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
        )
    assert p95 < 1


def test_after_a_lost_connection_every_page_is_told_to_fetch_anew(
    streams: str, lin: Staff, her: Headers
) -> None:
    async def scenario() -> None:
        async with _page(streams, her) as events:
            await asyncio.to_thread(_cut_the_listener)
            assert (await anext(events))[0] == "resync"
            await _publish(f"staff:{lin.pk}", "after")
            assert (await anext(events))[0] == "after"

    asyncio.run(scenario())


def test_a_page_that_comes_back_is_told_to_fetch_anew(
    streams: str, lin: Staff, her: Headers
) -> None:
    async def scenario() -> None:
        headers = her | {"Last-Event-ID": "1"}
        async with _page(streams, headers) as events:
            assert (await anext(events))[0] == "resync"

    asyncio.run(scenario())


def test_only_somebody_signed_in_is_let_in(
    streams: str, lin: Staff, her: Headers
) -> None:
    assert httpx.get(f"{streams}/live/").status_code == 401
    forged = {"Cookie": "staff=0123456789abcdef0123456789abcdef"}
    assert httpx.get(f"{streams}/live/", headers=forged).status_code == 401
    Staff.objects.filter(pk=lin.pk).update(is_active=False)
    assert httpx.get(f"{streams}/live/", headers=her).status_code == 401


def test_only_a_page_of_this_host_may_ask(
    streams: str, lin: Staff, her: Headers
) -> None:
    other = her | {"Origin": "http://elsewhere.example"}
    assert httpx.get(f"{streams}/live/", headers=other).status_code == 403
    ours = her | {"Origin": "http://127.0.0.1:8000"}
    with httpx.stream("GET", f"{streams}/live/", headers=ours) as answer:
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ours["Origin"]
        assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_page_that_leaves_is_forgotten_and_held_no_connection(
    streams: str, lin: Staff, her: Headers
) -> None:
    before = _connections()  # the one that listens, and what other tests left open

    async def scenario() -> None:
        async with AsyncExitStack() as open_pages:
            for _ in range(10):
                await open_pages.enter_async_context(_page(streams, her))
            assert _open_streams(streams) == 10
            # At most two that look up who asks; the others were given back.
            await asyncio.to_thread(eventually, lambda: _connections() <= before + 2)
        await asyncio.to_thread(eventually, lambda: _open_streams(streams) == 0)

    asyncio.run(scenario())


def test_a_page_too_slow_is_told_to_fetch_anew_instead() -> None:
    hub = Hub()
    notice = json.dumps({"topic": "staff:1", "event": "x"})
    with hub.subscribed(["staff:1", "desk:hq"]) as waiting:
        for _ in range(WAITING_NOTICES):
            hub.hand_out(notice)
        assert waiting.qsize() == WAITING_NOTICES
        hub.hand_out(notice)
        assert (waiting.qsize(), waiting.get_nowait()) == (1, RESYNC)
        assert hub.open_streams == 1
    assert hub.open_streams == 0


def _signed_in(staff: Staff) -> Headers:
    client = Client()
    client.force_login(staff)
    return {"Cookie": f"staff={client.cookies['staff'].value}"}


@asynccontextmanager
async def _page(url: str, headers: Headers) -> AsyncIterator[AsyncIterator[Event]]:
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{url}/live/", headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.status_code
        events = _events(answer)
        assert (await anext(events))[0] == "hello"
        yield events


async def _events(answer: httpx.Response) -> AsyncIterator[Event]:
    """Yield the name and the facts of each event; a notice names itself."""
    name = ""
    async for line in answer.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            facts = json.loads(value)
            yield name or facts["event"], facts
        elif not line:
            name = ""


async def _wait(events: AsyncIterator[Event], since: float) -> float:
    await anext(events)
    return time.monotonic() - since


async def _publish(topic: str, event: str, **facts: int) -> None:
    def publish() -> None:
        try:
            live.publish(topic, event, **facts)
        finally:
            connection.close()

    await asyncio.to_thread(publish)


def _cut_the_listener() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where"
                " application_name = 'regulars live' and datname = current_database()"
            )
            assert cursor.rowcount == 1
    finally:
        connection.close()


def _connections() -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where"
                " datname = current_database() and pid <> pg_backend_pid()"
                " and backend_type = 'client backend'"
            )
            (number,) = cursor.fetchone()
            return int(number) - 1  # the test's own
    finally:
        connection.close()


def _open_streams(url: str) -> int:
    return int(httpx.get(f"{url}/healthz").text.split()[0])


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False
