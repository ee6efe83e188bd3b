"""One call to a gateway: what its answer, or its silence, means for the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from apps.channels.outcome import Outcome, Verdict

TIMEOUT = httpx.Timeout(10.0, connect=3.05)  # seconds
LONGEST_CALL = 15.0  # seconds; what a lease on a call must outlive
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)


def post(url: str, **request: Any) -> httpx.Response | Outcome:
    """Return the answer, or what its absence means. Redirects are not followed."""
    try:
        return httpx.post(url, timeout=TIMEOUT, follow_redirects=False, **request)
    except httpx.HTTPError as error:
        never_left = isinstance(error, NEVER_LEFT)
        return Outcome(
            "unreachable", reason=type(error).__name__, left_us=not never_left
        )


def body_of(answer: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object that was answered; nothing where it is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def verdict_of(status: int) -> Verdict:
    """Return what a status means where the gateway says nothing more exact."""
    if status in {401, 403}:
        return "unauthorized"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "throttled"
    if httpx.codes.is_success(status):
        return "accepted"
    return "unreachable" if httpx.codes.is_server_error(status) else "rejected"
