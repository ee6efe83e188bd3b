"""Keep what each key asked of the API for some days: one plain insert a request.

A request without a key that is known leaves nothing, so that a stranger cannot fill the
log.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from apps.core import clock
from apps.core.text import clean
from apps.gateway import keys
from apps.gateway.models import ApiKey, Asked

KEPT = timedelta(days=14)
ROOM = "/api/v1/"


class RequestLogMiddleware:
    """Write down each request of a key once it was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; nothing of another room is looked at."""
        if not request.path_info.startswith(ROOM):
            return self.get_response(request)
        began = time.monotonic()
        response = self.get_response(request)
        key_id = _key_of(request, response)
        if key_id is not None:
            Asked.objects.create(
                api_key_id=key_id,
                method=clean(request.method or "", 8),
                path=clean(request.path_info, 120),
                status=response.status_code,
                error=_error_of(response),
                ms=int((time.monotonic() - began) * 1000),
                at=clock.now(),
            )
        return response


def forget_old(*, now: datetime) -> int:
    """Drop the requests of more than two weeks ago; return how many."""
    return Asked.objects.filter(at__lt=now - KEPT).delete()[0]


def _key_of(request: HttpRequest, response: HttpResponse) -> int | None:
    """Return the key that was let in, or one that was right but refused."""
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey):
        return key.pk
    if response.status_code not in (403, 429):
        return None
    raw = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    found = keys.authenticate(raw, now=clock.now())
    return found.pk if found else None


def _error_of(response: HttpResponse) -> str:
    """Return what a problem document says happened."""
    if response.status_code < 400 or response.streaming:
        return ""
    try:
        problem = json.loads(response.content)
    except ValueError:
        return ""
    told = problem.get("detail", "") if isinstance(problem, dict) else ""
    return clean(str(told), 200)
