"""Sends the webhook events of the table to the accounts, signed, in order.

One dispatcher thread claims rows and hands them to a small pool of threads. The
events of one person go out one after another, unless a fault says to shuffle them.
The table outlives the process: what was not delivered is sent after a restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
from django.db import close_old_connections, connections, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import clock
from apps.simulator.models import OfficialAccount, OutgoingEvent, ReplyToken
from apps.simulator.platform import faults

log = logging.getLogger(__name__)

THREADS = 8
POLL_SECONDS = 1.0
DEADLINE_MS = 2000
TIMEOUT = httpx.Timeout(10, connect=2)
MOST_ATTEMPTS = 5
BACK_OFF_SECONDS = (1, 3, 10, 30)
BUNDLE = 20
REPLY_WITHIN = timedelta(minutes=1)
REPLY_AT_ALL_WITHIN = timedelta(minutes=20)
State = OutgoingEvent.State

_bell = threading.Event()


def ring() -> None:
    """Tell the dispatcher that there is something to send."""
    _bell.set()


class Dispatcher:
    """The background thread that sends; `start` it once a process, `stop` it after."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._busy = threading.BoundedSemaphore(threads)
        self._stopping = threading.Event()
        self._client = httpx.Client(timeout=TIMEOUT)
        self._pool = ThreadPoolExecutor(threads, "simulator-webhook")
        self._main = threading.Thread(
            target=self._run, name="simulator-webhooks", daemon=True
        )

    def start(self) -> None:
        """Start sending, first what a killed process left behind."""
        self._main.start()

    def stop(self) -> None:
        """Finish what is on its way and stop."""
        self._stopping.set()
        ring()
        self._main.join()
        self._pool.shutdown()
        self._client.close()

    def _run(self) -> None:
        recovered = False
        while not self._stopping.is_set():
            _bell.clear()
            try:
                recovered = recovered or _recover()
                sent = self._send_some()
            except Exception:
                log.exception("the webhook dispatcher stumbled")
                close_old_connections()
                sent = False
            if not sent:
                _bell.wait(POLL_SECONDS)
        connections.close_all()

    def _send_some(self) -> bool:
        parcels = claim(self._threads * 2)
        for parcel in parcels:
            self._busy.acquire()
            self._pool.submit(self._send, parcel)
        return bool(parcels)

    def _send(self, parcel: list[OutgoingEvent]) -> None:
        try:
            deliver(parcel, self._client)
        except Exception:
            log.exception("a webhook could not be recorded")
        finally:
            close_old_connections()
            self._busy.release()
            ring()


def _recover() -> bool:
    """Send again what a killed process had claimed."""
    OutgoingEvent.objects.filter(state=State.SENDING).update(state=State.WAITING)
    return True


def deliver_waiting() -> int:
    """Send everything that is due, in this thread; return how many events that was."""
    count = 0
    with httpx.Client(timeout=TIMEOUT) as client:
        while parcels := claim(50):
            for parcel in parcels:
                deliver(parcel, client)
                count += len(parcel)
    return count


def claim(limit: int) -> list[list[OutgoingEvent]]:
    """Claim due events, at most one a person; each list goes out as one body."""
    with transaction.atomic():
        rows = list(
            _due()
            .select_related("account")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("due_at", "id")[:limit]
        )
        OutgoingEvent.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.SENDING
        )
    return _parcels(rows)


def _due() -> QuerySet[OutgoingEvent]:
    earlier = OutgoingEvent.objects.filter(
        account=OuterRef("account"),
        person=OuterRef("person"),
        pk__lt=OuterRef("pk"),
        in_order=True,
        state__in=[State.WAITING, State.SENDING],
    )
    free = Q(state=State.RETRYING) | Q(in_order=False) | ~Exists(earlier)
    return OutgoingEvent.objects.filter(
        free, state__in=[State.WAITING, State.RETRYING], due_at__lte=clock.now()
    )


def _parcels(rows: list[OutgoingEvent]) -> list[list[OutgoingEvent]]:
    parcels: list[list[OutgoingEvent]] = []
    by_account: dict[int, list[OutgoingEvent]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, []).append(row)
    for owned in by_account.values():
        size = BUNDLE if faults.bundles(owned[0].account) else 1
        parcels += [owned[i : i + size] for i in range(0, len(owned), size)]
    return parcels


def deliver(parcel: list[OutgoingEvent], client: httpx.Client) -> None:
    """Send events of one account in one body, and record how it was answered."""
    account = parcel[0].account
    _renew_reply_tokens(parcel)
    outcome = Outcome()
    for _ in range(max(event.copies for event in parcel)):
        outcome = post(account, [told(event) for event in parcel], client)
    for event in parcel:
        record(event, outcome)


class Outcome:
    """How the account's server answered: its status, or 0 with a reason."""

    def __init__(self, status: int = 0, reason: str = "", took_ms: int = 0) -> None:
        self.status = status
        self.took_ms = took_ms
        self.reason = reason
        if not reason and took_ms > DEADLINE_MS:
            self.reason = "request_timeout"
        elif not reason and not self.was_accepted:
            self.reason = "error_status_code"

    @property
    def was_accepted(self) -> bool:
        """Whether the answer was 2xx."""
        return 200 <= self.status < 300


def post(
    account: OfficialAccount,
    events: list[dict[str, Any]],
    client: httpx.Client,
    *,
    url: str = "",
) -> Outcome:
    """Post a signed body; an unreachable server is an outcome, not an error."""
    body = {"destination": account.bot_user_id, "events": events}
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "LineBotWebhook/2.0",
        "x-line-signature": signature(account.channel_secret, raw),
    }
    started = time.monotonic()
    try:
        answer = client.post(url or account.webhook_url, content=raw, headers=headers)
    except httpx.TimeoutException:
        return Outcome(reason="request_timeout", took_ms=_since(started))
    except (httpx.HTTPError, httpx.InvalidURL):
        return Outcome(reason="could_not_connect", took_ms=_since(started))
    return Outcome(answer.status_code, took_ms=_since(started))


def signature(secret: str, raw: bytes) -> str:
    """Return base64 of HMAC-SHA256 over the raw body."""
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def told(event: OutgoingEvent) -> dict[str, Any]:
    """Return the event as it is sent now: marked when it was sent before."""
    context = {"isRedelivery": event.attempts > 0}
    return {**event.body, "deliveryContext": context}


def record(event: OutgoingEvent, outcome: Outcome) -> None:
    """Write down the answer, and whether the event is to be sent once more."""
    event.attempts += 1
    event.answered_at = clock.now()
    event.status = outcome.status
    event.took_ms = outcome.took_ms
    event.reason = outcome.reason
    event.state = State.DELIVERED if outcome.was_accepted else State.FAILED
    failed = bool(outcome.reason) and event.account.redelivers
    if event.again or (failed and event.attempts < MOST_ATTEMPTS):
        wait = BACK_OFF_SECONDS[min(event.attempts, len(BACK_OFF_SECONDS)) - 1]
        event.again = max(event.again - 1, 0)
        event.due_at = event.answered_at + timedelta(seconds=wait)
        event.state = State.RETRYING
    event.save()


def _renew_reply_tokens(parcel: list[OutgoingEvent]) -> None:
    """A reply token lives a minute from each receipt, twenty minutes at most."""
    now = clock.now()
    tokens = [event.body.get("replyToken") for event in parcel]
    ReplyToken.objects.filter(
        token__in=[token for token in tokens if token],
        used_at=None,
        created_at__gt=now - REPLY_AT_ALL_WITHIN,
    ).update(valid_until=now + REPLY_WITHIN)


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
