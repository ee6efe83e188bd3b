"""The demo comes up by itself, keeps what it built, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError

from config import postgres
from config.management.commands import demo
from tests.processes import alive, descendants, eventually, free_ports, running

READY = 240


@pytest.fixture
def var() -> Iterator[str]:
    """Return a folder for a machine of its own: its database, its secret."""
    with tempfile.TemporaryDirectory(prefix="regulars-demo-") as folder:
        Path(folder).chmod(0o755)
        yield folder


def _free_port() -> int:
    """Return a port that is free together with the next two."""
    while True:
        (port,) = free_ports(1)
        try:
            demo.refuse_taken(range(port, port + 3))
        except CommandError:
            continue
        return port


def test_it_starts_alone_keeps_what_it_built_and_ends_whole(var: str) -> None:
    port = _free_port()
    _start_and_end(port, var, signal.SIGTERM)
    _start_and_end(port, var, signal.SIGINT)


def _start_and_end(port: int, var: str, how: signal.Signals) -> None:
    url = f"http://127.0.0.1:{port}"
    command = ["manage.py", "demo", "--no-input", f"--port={port}", "--members=60"]
    with running(*command, grace=60, VAR_DIR=var, DATABASE_URL="") as child:
        assert child.pid
        eventually(lambda: _ready(url) or not child.alive(), READY)
        assert child.alive()
        assert httpx.get(f"{url}/account/login/").status_code == 200
        everyone = descendants(child.pid)
        assert len(everyone) > 10
        os.kill(child.pid, how)
        eventually(lambda: not alive(everyone), 60)
    server = postgres.Server(postgres.home_of(Path(var)))
    assert not server.running()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").json()["worker_seen"] is not None
    except (httpx.TransportError, ValueError, KeyError):
        return False
