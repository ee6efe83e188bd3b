"""Do a request once, however often it is sent: the `Idempotency-Key` header.

The answer is kept in the transaction that did the work. The same key with the same
request gets the same answer; with another request it is refused; two at once wait for
each other, and the second gets the first one's answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Annotated, Any
from zlib import crc32

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Header
from ninja.errors import HttpError

from apps.core import clock
from apps.gateway.models import Answered, ApiKey

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,80}$",
        description="The same key with the same request gives the same answer again.",
    ),
]
RequiredKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,80}$",
        description="A name of yours for the change: it is made once.",
    ),
]
SPACE = 0x6964656D  # this use of advisory locks among others
KEPT = timedelta(days=7)


class KeyedRequest(HttpRequest):
    """A request of another system that showed its key."""

    auth: ApiKey


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Honour the operation's `idempotency_key`; the view returns a schema."""

    @wraps(view)
    def answer(
        request: KeyedRequest, *args: Any, idempotency_key: str | None, **kwargs: Any
    ) -> Any:
        kwargs["idempotency_key"] = idempotency_key
        if idempotency_key is None:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            _lock(request.auth, idempotency_key)
            kept = Answered.objects.filter(
                api_key=request.auth, key=idempotency_key
            ).first()
            if kept:
                return _again(request, kept)
            result = view(request, *args, **kwargs)
            Answered.objects.create(
                api_key=request.auth,
                key=idempotency_key,
                digest=_digest(request),
                status=200,
                body=result.model_dump(mode="json", exclude_none=True),
                at=clock.now(),
            )
            return result

    return answer


def forget_old(*, now: datetime) -> int:
    """Drop the answers that nobody will ask for again; return how many."""
    return Answered.objects.filter(at__lt=now - KEPT).delete()[0]


def _lock(key: ApiKey, idempotency_key: str) -> None:
    number = crc32(f"{key.pk}:{idempotency_key}".encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [SPACE, number])


def _again(request: HttpRequest, kept: Answered) -> HttpResponse:
    if bytes(kept.digest) != _digest(request):
        raise HttpError(422, "This Idempotency-Key was used for another request.")
    headers = {"Idempotency-Replayed": "true"}
    return JsonResponse(kept.body, status=kept.status, headers=headers)


def _digest(request: HttpRequest) -> bytes:
    told = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(told + request.body).digest()
