"""Bodies as LINE sends them: signed, of one event or many, over many connections."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SECRET = "test-channel-secret"
CONNECTIONS = 8
SAMPLES = Path(__file__).parent / "line_webhooks"

_numbers = itertools.count(1)


def signature(body: bytes, secret: str = SECRET) -> str:
    """Return what LINE puts into x-line-signature."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def samples() -> list[bytes]:
    """Return every sample body, byte for byte."""
    return [path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))]


def event(kind: str = "message", *, user: str = "U" + "1" * 32, **facts: Any) -> Any:
    """Return an event with everything that LINE promises."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "webhookEventId": f"01J{next(_numbers):023d}",
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": user},
        "replyToken": f"{next(_numbers):032x}",
        **facts,
    }


def text(words: str, **facts: Any) -> Any:
    """Return a text message's event."""
    message = {"id": str(10**8 + next(_numbers)), "type": "text", "text": words}
    return event(message=message, **facts)


def body(*events: Any) -> bytes:
    """Return the body that carries the events."""
    return json.dumps({"destination": "U0", "events": events}).encode()


def deliver(
    port: int, bodies: Sequence[bytes], *, secret: str | None = SECRET
) -> Counter[int]:
    """Post the bodies over connections that stay open; count the answers by status.

    Signed with the secret, not at all where there is none.
    """
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        shares = [bodies[at::CONNECTIONS] for at in range(CONNECTIONS)]
        counts = pool.map(lambda share: _post(port, share, secret), shares)
        return sum(counts, Counter())


def _post(port: int, bodies: Sequence[bytes], secret: str | None) -> Counter[int]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    answers: Counter[int] = Counter()
    for body in bodies:
        signed = {"x-line-signature": signature(body, secret)} if secret else {}
        connection.request("POST", "/webhooks/line/main/", body, signed)
        answer = connection.getresponse()
        answer.read()
        answers[answer.status] += 1
    connection.close()
    return answers
