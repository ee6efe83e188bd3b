"""The short way to the webhooks answers as the long one does."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from apps.gateway import line
from apps.gateway.models import InboundEvent
from config.wsgi import application
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    line.forget_accounts()
    make.account()
    yield
    line.forget_accounts()


def ask(path: str, body: bytes = b"", method: str = "POST", **headers: str) -> int:
    """Call the application as a server does; return the status."""
    said: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        **headers,
    }
    answer = application(environ, lambda status, *_rest: said.append(status))  # type: ignore[arg-type]  # a server's own callable
    list(answer)
    answer.close()  # type: ignore[attr-defined]  # Django's response has it
    return int(said[0].split()[0])


def test_a_signed_webhook_is_stored_by_the_short_way() -> None:
    body = webhooks.body(webhooks.text("嗨"))
    signature = webhooks.signature(body)
    path = "/webhooks/line/main/"
    assert ask(path, body, HTTP_X_LINE_SIGNATURE=signature) == 200
    assert ask(path, body, HTTP_X_LINE_SIGNATURE="x") == 403
    assert ask(path, method="GET") == 405
    assert ask("/webhooks/line/nobody/", body) == 404
    assert ask("/webhooks/line/a/b/", body) == 404
    assert InboundEvent.objects.count() == 1


def test_a_connection_that_died_costs_no_event() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])
    other.close()
    body = webhooks.body(webhooks.text("嗨"))
    signed = webhooks.signature(body)
    assert ask("/webhooks/line/main/", body, HTTP_X_LINE_SIGNATURE=signed) == 200
    assert InboundEvent.objects.count() == 1


def test_all_else_goes_through_the_middleware() -> None:
    assert ask("/webhooks/other/") == 404
    assert ask("/healthz", method="GET", HTTP_HOST="127.0.0.1") == 200
