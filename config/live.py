"""Live updates: notices from PostgreSQL to open pages, as server-sent events.

A raw ASGI application beside Django's, because a stream in a Django view would hold a
thread and, with any query in it, a database connection for its whole life. Here one
LISTEN connection serves the process, and a look-up of who asks is over before the
stream begins. What is missed while the database was away cannot be known, so that
every page is then told to `resync`.

    GET /live/      the notices of the staff member whose session cookie comes along
    GET /healthz    200 and the number of open streams while it listens, else 503
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user  # noqa: E402  (needs the apps)
from django.db import DatabaseError, close_old_connections  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.cookie import parse_cookie  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from config.hub import RESYNC, Hub, Notices  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PING_SECONDS = 15
RECHECK_SECONDS = 60
RETRY_MILLISECONDS = 1_000

PING = ": ping\n\n"
OPENING = f"retry: {RETRY_MILLISECONDS}\nid: 1\nevent: hello\ndata: {{}}\n\n"

doorkeepers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="doorkeeper")


hub = Hub()


def topics_for(session_key: str) -> list[str] | None:
    """Return what the session's owner may hear, None where nobody is signed in."""
    close_old_connections()
    try:
        request = HttpRequest()
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(session_key)
        staff = get_user(request)
        if not staff.is_authenticated:
            return None
        topics: list[str] = import_string(settings.LIVE_TOPICS)(staff)
        return topics
    finally:
        close_old_connections()


async def _ask(session_key: str) -> list[str] | None:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(doorkeepers, topics_for, session_key)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one connection."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
        return
    path = scope["path"].rstrip("/")
    if path == "/healthz":
        status = 200 if hub.listening.is_set() else 503
        await _answer(send, status, body=f"{hub.open_streams} streams open")
    elif path != "/live":
        await _answer(send, 404)
    elif scope["method"] != "GET":
        await _answer(send, 405)
    else:
        await _open(scope, receive, send)


async def _live_and_die(receive: Receive, send: Send) -> None:
    await receive()
    hub.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub.stop()
    await send({"type": "lifespan.shutdown.complete"})


async def _open(scope: Scope, receive: Receive, send: Send) -> None:
    """Let the page in, or say why not, and send it its notices."""
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
    }
    origin = headers.get("origin", "")
    if origin and not _same_host(origin, headers.get("host", "")):
        await _answer(send, 403)
        return
    cookies = parse_cookie(headers.get("cookie", ""))
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    try:
        topics = await _ask(session_key) if session_key else None
    except DatabaseError:
        await _answer(send, 503, origin)
        return
    if not topics:
        await _answer(send, 401 if topics is None else 403, origin)
        return
    stream = Stream(session_key, topics, send)
    await _start(send, 200, "text/event-stream", origin)
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        with hub.subscribed(topics) as notices:
            again = "last-event-id" in headers
            await stream.pour(OPENING + (RESYNC if again else ""), notices, gone)
    finally:
        gone.cancel()


@dataclass
class Stream:
    """One open page and what its owner may hear."""

    session_key: str
    topics: list[str]
    send: Send
    checked_at: float = field(default_factory=time.monotonic)

    async def pour(
        self, text: str, notices: Notices, gone: asyncio.Future[None]
    ) -> None:
        """Send notices until the page is gone or its owner may not hear them."""
        while not gone.done():
            body = {"type": "http.response.body", "body": text.encode()}
            await self.send(body | {"more_body": True})
            following = asyncio.ensure_future(notices.get())
            waiting: set[asyncio.Future[Any]] = {following, gone}
            await asyncio.wait(
                waiting,
                timeout=PING_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            text = following.result() if following.done() else PING
            following.cancel()
            if not await self._still_allowed():
                break
        with suppress(RuntimeError):
            await self.send({"type": "http.response.body", "body": b""})

    async def _still_allowed(self) -> bool:
        """Look again now and then whether the session and its topics still hold.

        A database that is away changes nobody's rights.
        """
        now = time.monotonic()
        if now - self.checked_at < RECHECK_SECONDS:
            return True
        self.checked_at = now
        try:
            return await _ask(self.session_key) == self.topics
        except DatabaseError:
            return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _same_host(origin: str, host: str) -> bool:
    """Tell whether a page of this host asks, from whatever port."""
    return urlsplit(origin).hostname == urlsplit(f"//{host}").hostname


async def _answer(send: Send, status: int, origin: str = "", body: str = "") -> None:
    await _start(send, status, "text/plain", origin)
    await send({"type": "http.response.body", "body": body.encode()})


async def _start(send: Send, status: int, content_type: str, origin: str) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"vary", b"origin"),
    ]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
