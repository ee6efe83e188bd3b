"""A stand-in for gateways of short messages, over HTTP: it keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Standin:
    """What it answers next, and what came in."""

    url: str = ""
    status: int = 201
    answer: dict[str, Any] = field(default_factory=lambda: {"id": "m-1", "sid": "SM1"})
    hangs_up: bool = False
    calls: list[tuple[str, dict[str, str], str]] = field(default_factory=list)


@contextmanager
def gateway() -> Iterator[Standin]:
    """Run one on a port of its own."""
    standin = Standin()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            standin.calls.append((self.path, headers, body))
            if standin.hangs_up:
                self.close_connection = True
                return
            raw = json.dumps(standin.answer).encode()
            self.send_response(standin.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standin.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
