"""Real processes for tests: started on free ports, and gone afterwards."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config import env
from config.processes import Child, python


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def free_pair() -> int:
    """Return a port that is free together with the next one."""
    while True:
        (port,) = free_ports(1)
        with suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
            return port


@contextmanager
def running(*arguments: str, grace: float = 15, **environment: str) -> Iterator[Child]:
    """Run this Python with the arguments, and end all of its group afterwards."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "1",
        **environment,
    }
    child = Child(
        "under test",
        python(*arguments),
        environment=environment,
        grace=grace,
        folder=env.ROOT,
    )
    child.start()
    try:
        yield child
    finally:
        child.stop()


def eventually(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait until it is true; fail after the seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    """Return the process and all that it started, directly or not."""
    parents: dict[int, set[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z":
                parents.setdefault(int(parent), set()).add(int(stat.parent.name))
    found = {pid}
    waiting = [pid]
    while waiting:
        waiting += (children := parents.get(waiting.pop(), set()) - found)
        found |= children
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those of the processes that still run."""
    found = set()
    for pid in pids:
        with suppress(OSError):
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state != "Z":
                found.add(pid)
    return found - {os.getpid()}
