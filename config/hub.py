"""Hear every notice of the database once, and hand it to the streams that may have it.

One LISTEN connection serves the whole process. What is missed while the database was
away cannot be known, so that every stream is then told to `resync`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import psycopg
import structlog
from django.db import connection

from apps.core.live import CHANNEL

Notices = asyncio.Queue[str]

RESYNC = "event: resync\ndata: {}\n\n"
WAITING_NOTICES = 100
SILENCE_SECONDS = 15
LONGEST_PAUSE = 5.0

log = structlog.get_logger(__name__)


class Hub:
    """Hears every notice once and hands it to the streams that may have it."""

    def __init__(self) -> None:
        self.listening = asyncio.Event()
        self._streams: dict[str, set[Notices]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen, in the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening and let the connection go."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return len({id(each) for group in self._streams.values() for each in group})

    @contextmanager
    def subscribed(self, topics: Iterable[str]) -> Iterator[Notices]:
        """Collect the notices of the topics in a queue, ready to be sent."""
        notices: Notices = asyncio.Queue(WAITING_NOTICES)
        for topic in topics:
            self._streams.setdefault(topic, set()).add(notices)
        try:
            yield notices
        finally:
            for topic in topics:
                self._streams[topic].discard(notices)
                if not self._streams[topic]:
                    del self._streams[topic]

    def hand_out(self, payload: str) -> None:
        """Hand one notice to the streams of its topic."""
        notice = json.loads(payload)
        text = f"data: {payload}\n\n"
        for notices in self._streams.get(notice["topic"], ()):
            _put(notices, text)

    def resync(self) -> None:
        """Tell every page to fetch what it shows anew."""
        for notices in {id(q): q for s in self._streams.values() for q in s}.values():
            _put(notices, RESYNC)

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with _listener() as listener:
                    self.resync()
                    self.listening.set()
                    pause = 0.1
                    await self._hear(listener)
            except (psycopg.Error, OSError) as error:
                log.warning("live updates wait for the database", error=str(error))
            self.listening.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _hear(self, listener: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notify in listener.notifies(timeout=SILENCE_SECONDS):
                try:
                    self.hand_out(notify.payload)
                except (ValueError, KeyError, TypeError):
                    log.warning("a notice could not be read", channel=notify.channel)
            await listener.execute("select 1")  # a connection that died in silence


def _put(notices: Notices, text: str) -> None:
    """Queue a notice; a page too slow to keep up is told to fetch all anew instead."""
    if notices.full():
        while not notices.empty():
            notices.get_nowait()
        text = RESYNC
    notices.put_nowait(text)


@asynccontextmanager
async def _listener() -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    parameters = connection.get_connection_params()
    for key in ("cursor_factory", "context"):
        parameters.pop(key, None)
    async with await psycopg.AsyncConnection.connect(
        **parameters | {"keepalives_idle": 30, "application_name": "regulars live"},
        autocommit=True,
    ) as listener:
        await listener.execute(f"listen {CHANNEL}")
        yield listener
