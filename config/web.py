"""The two web servers of `manage.py serve`: one for pages, one for live streams.

Run as `python -m config.web pages --port 8000` or `… streams --port 8001`.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer

from config import env, processes

STOP_SECONDS = 5


def pages(host: str, port: int) -> AbstractServer[Any]:
    """Return the server of pages, webhooks and the API.

    A thread holds one database connection, so that threads x workers bounds them.
    Requests beyond the threads wait in line; connections beyond the backpressure wait
    in the kernel's backlog.
    """
    return Server(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=env.WEB_WORKERS,
        blocking_threads=env.WEB_THREADS,
        backlog=2_048,
        backpressure=1_024,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    )


def streams(host: str, port: int) -> AbstractServer[Any]:
    """Return the server of live streams: one process, any number of open streams.

    Open streams do not end by themselves: the kill time-out ends them.
    """
    return Server(
        "config.live:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=2_048,
        backpressure=20_000,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=2,
        log_level=LogLevels.warning,
    )


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["pages", "streams"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    processes.follow_parent()
    build = pages if options.what == "pages" else streams
    build(options.host, options.port).serve()


if __name__ == "__main__":
    main()
