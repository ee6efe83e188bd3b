"""The shop's script, and the door it reports to, which never complains."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.attribution.models import CartEvent, PageView, ShopSearch, Visitor
from apps.core import clock
from apps.gateway import snippet, visitor_tokens
from apps.gateway.models import Bucket
from apps.members import services as members
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


def acts(*events: dict[str, Any], visitor: str = "", **facts: Any) -> dict[str, Any]:
    """Return what the script sends of several acts."""
    told = [{"id": str(uuid4()), **event} for event in events]
    return {"visitor": visitor or str(uuid4()), "events": told, **facts}


def test_a_search_and_the_cart_are_kept_beside_the_views(client: Client) -> None:
    body = acts(
        {"kind": "view", "path": "/search?q=siyu@example.com"},
        {"kind": "search", "term": "羊毛\u0000大衣 0912-345-678"},
        {"kind": "search", "term": "siyu@example.com"},
        {"kind": "cart_added", "pieces": {"coat-01-M": 2}},
        {"kind": "cart", "pieces": {"coat-01-M": 1, "coat-01-L": 1}},
    )

    send(client, body)
    send(client, body)

    assert [row.path for row in PageView.objects.all()] == ["/search"]
    assert [row.term for row in ShopSearch.objects.all()] == ["羊毛\ufffd大衣"]
    added, whole = CartEvent.objects.order_by("at")
    assert (added.kind, added.pieces) == ("cart_added", {"coat-01-M": 2})
    assert whole.pieces == {"coat-01-M": 1, "coat-01-L": 1}


@pytest.mark.parametrize(
    "pieces",
    [None, [], "x", {"a": "1"}, {"a": True}, {"a": -1}, {"a": 1.5}, {"": 1},
     {"a": 10**9}, {str(sku): 1 for sku in range(60)}],
)  # fmt: skip
def test_a_cart_that_is_none_is_dropped(client: Client, pieces: Any) -> None:
    send(client, acts({"kind": "cart", "pieces": pieces}, {"kind": "fax"}))

    assert not CartEvent.objects.exists()


def test_a_beacon_holds_so_many_acts_and_no_more(client: Client) -> None:
    send(client, acts(*[{"kind": "search", "term": "x"}] * 30))

    assert ShopSearch.objects.count() == 20


def test_who_signed_in_is_the_visitor_from_then_on(client: Client) -> None:
    member, visitor = make.member(), str(uuid4())
    send(client, acts({"kind": "search", "term": "大衣"}, visitor=visitor))
    token, _until = visitor_tokens.make(member, visitor, now=clock.now())

    send(client, acts({"kind": "login", "token": token}, visitor=visitor))
    send(client, acts({"kind": "view", "path": "/x"}, visitor=visitor))

    assert ShopSearch.objects.get().member == member
    assert PageView.objects.get().member == member


@pytest.mark.parametrize("case", ["forged", "late", "of another visitor", "nobody's"])
def test_a_token_that_is_no_good_says_nothing(client: Client, case: str) -> None:
    member, visitor, now = make.member(), str(uuid4()), clock.now()
    when = now - 2 * visitor_tokens.LIVES if case == "late" else now
    only = "another-visitor" if case == "of another visitor" else visitor
    token, _until = visitor_tokens.make(member, only, now=when)
    if case == "nobody's":
        member.delete()

    send(
        client,
        acts(
            {"kind": "login", "token": "x" + token if case == "forged" else token},
            visitor=visitor,
        ),
    )

    assert not Visitor.objects.exists()


def test_a_merged_member_is_who_they_are_now(client: Client) -> None:
    keeper, visitor = make.member(), str(uuid4())
    gone = make.member()
    members.merge(keeper, gone, by=None, now=clock.now())
    token, _until = visitor_tokens.make(gone, "", now=clock.now())

    send(client, acts({"kind": "login", "token": token}, visitor=visitor))

    assert Visitor.objects.get().member == keeper


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
        beacon(path="/" * 20_000),
        {"id": str(uuid4())},
        {"visitor": str(uuid4()), "events": 3},
        {"visitor": str(uuid4()), "events": {}},
        {"visitor": str(uuid4()), "events": [None, 1, [], {"kind": ["view"]}]},
        {"visitor": str(uuid4()), "events": [{"kind": "login", "token": 7}]},
    ],
)
def test_what_is_not_sound_is_dropped_without_a_word(client: Client, body: Any) -> None:
    send(client, body)

    assert not PageView.objects.exists()
    assert not ShopSearch.objects.exists()


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
