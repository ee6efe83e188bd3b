"""The shop's script, and the door it reports to, which never complains."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.attribution.models import PageView
from apps.gateway import snippet
from apps.gateway.models import Bucket
from tests import make

pytestmark = pytest.mark.django_db


def beacon(**facts: Any) -> dict[str, Any]:
    """Return what the script sends."""
    return {
        "id": str(uuid4()),
        "visitor": str(uuid4()),
        "path": "/products/coat-01",
        "product": "coat-01",
        "reference": "",
        **facts,
    }


def send(client: Client, body: Any) -> None:
    """Send a beacon; whatever it is, the answer is the same."""
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    answer = client.generic("POST", "/collect", data, "text/plain")
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_look_at_a_product_is_recorded_once(client: Client) -> None:
    coat = make.product("coat-01")
    seen = beacon()

    send(client, seen)
    send(client, seen)

    view = PageView.objects.get()
    assert (view.product, view.visitor) == (coat, seen["visitor"])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 4_000,
        b"\xff\xff",
        beacon(id="1"),
        beacon(id=7),
        beacon(visitor="short"),
        beacon(visitor="x" * 41),
        beacon(visitor=["x" * 8]),
        beacon(visitor="12345678\u0000"),
        beacon(path=""),
        beacon(path=None),
        beacon(product=3),
        beacon(path="/" * 5_000),
        {"id": str(uuid4())},
    ],
)
def test_what_is_not_sound_is_dropped_without_a_word(client: Client, body: Any) -> None:
    send(client, body)

    assert not PageView.objects.exists()


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_any_text_can_be_looked_at(
    client: Client, path: str, product: str, reference: str
) -> None:
    send(
        client, beacon(path=f"/\ud800\x00{path}", product=product, reference=reference)
    )

    assert PageView.objects.exists()


def test_a_visitor_who_reports_too_much_is_not_heard(client: Client) -> None:
    visitor = str(uuid4())
    for _number in range(snippet.PER_VISITOR.burst + 5):
        send(client, beacon(visitor=visitor))

    heard = PageView.objects.count()
    assert snippet.PER_VISITOR.burst <= heard < snippet.PER_VISITOR.burst + 5
    assert Bucket.objects.count() == 2


def test_other_methods_are_refused_and_browsers_may_ask_first(client: Client) -> None:
    assert client.get("/collect").status_code == 405
    assert client.options("/collect").status_code == 204


def test_the_script_is_small_and_kept_by_browsers(client: Client) -> None:
    answer = client.get("/snippet.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert len(answer.content) < 5_000
    assert "max-age=86400" in answer["Cache-Control"]
    same = client.get("/snippet.js", headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
