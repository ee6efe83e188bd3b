"""Webhooks of one event through the deployment's own server, beside bare inserts.

The floor is a psycopg loop that inserts the same row and commits, as often as there
are webhooks. Both sides are counted: each stored every event.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import socket
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from apps.channels.models import Account
from apps.core import clock
from apps.gateway.models import InboundEvent
from config import env
from tests.bench.harness import Row, compare
from tests.processes import eventually, free_ports, running

SLUG = "bench"
SECRET = "bench-channel-secret"
CONNECTIONS = 8
CALLS = 1_600

INSERT = """
insert into gateway_inboundevent (account_id, event_id, user_id, type, occurred_at,
    body, error, state, attempts, not_before, received_at)
values (%s, %s, %s, %s, %s, %s, '', 'new', 0, %s, %s) on conflict do nothing
"""

_numbers = itertools.count(1)


def run(pairs: int = 7) -> list[Row]:
    """Return the rate of webhooks over the rate of bare inserts."""
    account = _account()
    (port,) = free_ports(1)
    server = ("-m", "config.web", "pages", "--port", str(port))
    with running(*server, DATABASE_URL=_database_url(), DEBUG="0", DEMO="1"):
        eventually(lambda: _listens(port))
        # What a customer's platform spends on writing and signing is not ours.
        batches = [_requests() for _call in range(pairs + 1)]
        with psycopg.connect(**_parameters(), autocommit=True) as floor:
            row = compare(
                "webhook",
                lambda: _post_all(port, batches.pop()),
                lambda: _insert_all(floor, account),
                target=">= 0.6 of the rate",
                pairs=pairs,
                is_rate=True,
            )
    stored = InboundEvent.objects.filter(account=account).count()
    assert stored == 2 * CALLS * (pairs + 1), f"{stored} events were stored"
    _tidy(account)
    return [row]


def _account() -> Account:
    account, _made = Account.objects.update_or_create(
        slug=SLUG,
        defaults={
            "name": SLUG,
            "channel_secret": SECRET,
            "next_channel_secret": SECRET,
            "access_token": SECRET,
            "login_channel_secret": SECRET,
        },
    )
    _tidy(account)
    return account


def _tidy(account: Account) -> None:
    InboundEvent.objects.filter(account=account).delete()
    with connection.cursor() as cursor:
        cursor.execute("truncate django_q_ormq")
        cursor.execute("vacuum analyze gateway_inboundevent")


def _body(number: int) -> bytes:
    event = {
        "type": "message",
        "mode": "active",
        "timestamp": int(clock.now().timestamp() * 1000),
        "webhookEventId": f"01J{number:023d}",
        "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": f"U{number % 997:032x}"},
        "replyToken": f"{number:032x}",
        "message": {"id": str(number), "type": "text", "text": "駝色 M 號有貨嗎？"},
    }
    return json.dumps({"destination": "U0", "events": [event]}).encode()


def _request(number: int) -> bytes:
    body = _body(number)
    digest = hmac.digest(SECRET.encode(), body, hashlib.sha256)
    head = (
        f"POST /webhooks/line/{SLUG}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"x-line-signature: {base64.b64encode(digest).decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _requests() -> list[bytes]:
    return [_request(next(_numbers)) for _call in range(CALLS)]


def _post_all(port: int, requests: Sequence[bytes]) -> None:
    wrong: list[bytes] = []
    threads = [
        threading.Thread(
            target=_post, args=(port, requests[at::CONNECTIONS], wrong), daemon=True
        )
        for at in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]


def _post(port: int, requests: Sequence[bytes], wrong: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            line.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:  # the answer has no body
                piece = line.recv(4096)
                answer += piece
                if not piece:
                    break
            if not answer.startswith(b"HTTP/1.1 200"):
                wrong.append(answer or b"no answer")
                return


def _insert_all(
    floor: psycopg.Connection[tuple[object, ...]], account: Account
) -> None:
    for _call in range(CALLS):
        number = next(_numbers)
        now = clock.now()
        floor.execute(
            INSERT,
            (account.pk, f"01J{number:023d}", f"U{number % 997:032x}", "message", now,
             _body(number), now, now),
        )  # fmt: skip


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _parameters() -> dict[str, Any]:
    parameters = dict(connection.get_connection_params())
    for key in ("cursor_factory", "context"):
        parameters.pop(key, None)
    return parameters


def _database_url() -> str:
    database = connection.settings_dict
    if env.DATABASE_URL:
        return urlsplit(env.DATABASE_URL)._replace(path=f"/{database['NAME']}").geturl()
    return f"postgres://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
