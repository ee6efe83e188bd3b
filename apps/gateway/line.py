"""The webhook of LINE: prove the sender, store the events, ring, answer.

LINE waits two seconds for the answer, so that nothing else happens in the request;
`tasks.route_pending` does the rest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.channels.line.signature import is_genuine
from apps.channels.models import Account
from apps.core import clock
from apps.gateway import events
from apps.gateway.doorbell import Doorbell
from apps.gateway.models import InboundEvent
from apps.staff.access import machine

LARGEST_BODY = 1024 * 1024
# How long a process believes what it read of an account: a new secret works after it.
BELIEVED_SECONDS = 5.0


@dataclass(frozen=True)
class Known:
    """What the proof needs of an account."""

    pk: int
    secrets: tuple[str, ...]
    until: float


_known: dict[str, Known] = {}
bell = Doorbell("apps.gateway.tasks.route_pending")


@csrf_exempt
@require_POST
@machine
def webhook(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the events of an account's webhook; only what LINE signed is stored."""
    account = _account(slug)
    if account is None:
        return _answer(404)
    if _length(request) > LARGEST_BODY:
        return _answer(413)
    body = request.body
    signature = request.headers.get("x-line-signature", "")
    if not is_genuine(body, signature, secrets=account.secrets):
        return _answer(403)
    now = clock.now()
    received = events.read(body, now=now)
    if received:
        _store(account, received, now)
        bell.ring()
    return _answer(200)


def forget_accounts() -> None:
    """Read every account anew at its next request."""
    _known.clear()


def _account(slug: str) -> Known | None:
    known = _known.get(slug)
    if known is not None and known.until > time.monotonic():
        return known
    account = Account.objects.filter(slug=slug, is_active=True).first()
    if account is None:
        return None
    known = Known(
        account.pk,
        tuple(filter(None, [account.channel_secret, account.next_channel_secret])),
        time.monotonic() + BELIEVED_SECONDS,
    )
    _known[slug] = known
    return known


def _store(account: Known, received: list[events.Received], now: datetime) -> None:
    """Store the events; on a connection that has died, once more on a new one.

    That spares the question before each request whether the connection lives. Storing
    twice stores once.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
    try:
        InboundEvent.objects.take_in(account.pk, received, now=now)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        InboundEvent.objects.take_in(account.pk, received, now=now)


def _answer(status: int) -> HttpResponse:
    """Return an answer without words, of a known length, so that lines stay open."""
    return HttpResponse(status=status, headers={"Content-Length": "0"})


def _length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("content-length") or 0)
    except ValueError:
        return 0
