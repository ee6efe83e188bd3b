"""Child processes that are kept alive, and that never outlive their parent.

Each child leads a process group of its own, so that it and whatever it started can be
ended together. Each also holds the read end of a pipe whose other end only the parent
has: when the parent is gone, however it went, the child reads the end of the file and
ends itself (`follow_parent`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

FOLLOW = "FOLLOW_PARENT"
TOO_OFTEN = 5
WITHIN = 60.0
_followed: list[float] = []


class GivingUpError(RuntimeError):
    """A child died again and again; somebody has to look."""


class Child:
    """A program in a process group of its own.

    `grace` is how many seconds it may take to end after SIGTERM; then it is killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        grace: float = 10,
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        self.name = name
        self.command = list(command)
        self.environment = dict(environment or {})
        self.grace = grace
        self.started_at = 0.0  # Unix time
        self.deaths: list[float] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the group's leader, None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program."""
        self.started_at = time.time()
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            cwd=self.folder,
            start_new_session=True,
            env={**os.environ, **self.environment, FOLLOW: str(self.grace)},
        )

    def alive(self) -> bool:
        """Tell whether the group's leader runs."""
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the leader and return at once."""
        if self._process is not None and self.alive():
            self._process.terminate()

    def stop(self) -> None:
        """End the whole group: politely, and after the grace by force."""
        if self._process is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self.grace)
        self.kill()

    def kill(self) -> None:
        """End the whole group by force and wait until nothing of it is left."""
        if self._process is None:
            return
        group = self._process.pid
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None
        _wait_until_empty(group)


class Family:
    """Children that run together until this process is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self._stopping = threading.Event()

    def run(
        self,
        started: Callable[[], None] | None = None,
        *,
        every_second: Callable[[], None] | None = None,
    ) -> None:
        """Start all and keep them running until SIGTERM or SIGINT; then end all.

        `started` is called once, after the start. Raises GivingUpError when a child
        dies five times in a minute.
        """
        self.listen()
        try:
            for child in self.children:
                child.start()
            if started:
                started()
            while not self._stopping.wait(1):
                self.tend()
                if every_second:
                    every_second()
        finally:
            self.stop()

    def add(self, child: Child) -> None:
        """Start one more."""
        self.children.append(child)
        child.start()

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as the wish to stop."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping.is_set()

    def tend(self) -> None:
        """Start again what died."""
        now = time.monotonic()
        for child in self.children:
            if child.alive() or self.stopping:
                continue
            recent = [at for at in child.deaths if now - at < WITHIN]
            child.deaths = [*recent, now]
            if len(child.deaths) >= TOO_OFTEN:
                raise GivingUpError(f"{child.name} died {TOO_OFTEN} times in a minute")
            log.error("child died; starting it again", child=child.name)
            child.kill()
            child.start()

    def stop(self) -> None:
        """End all children, all at the same time."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()


def follow_parent() -> None:
    """End this process and its group when the parent that started it is gone.

    Does nothing in a process that no `Child` started.
    """
    if os.environ.get(FOLLOW):
        grace = float(os.environ.pop(FOLLOW))
        _followed.append(grace)
        threading.Thread(target=_follow, args=[grace], daemon=True).start()


def following() -> dict[str, str]:
    """Return what to add to the environment of a program that replaces this one."""
    return {FOLLOW: str(_followed[0])} if _followed else {}


def python(*arguments: str) -> list[str]:
    """Return the command line that runs this Python with the arguments."""
    return [sys.executable, *arguments]


def _follow(grace: float) -> None:
    """Wait for the parent's end; then ask this process to end, and see to its group.

    The process may end at once and leave others of its group behind, so that a copy
    of it outside the group stays until all are gone.
    """
    while os.read(0, 1):
        pass
    group = os.getpgrp()
    if os.fork() == 0:
        os.setsid()
        _wait_until_empty(group, grace)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_until_empty(group: int, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.02)
