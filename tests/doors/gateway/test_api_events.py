"""Events that a shop's server sends, and the token of a customer who signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.attribution.models import CartEvent, PageView, ShopSearch, Visitor
from apps.core import clock
from apps.gateway import visitor_tokens
from apps.members.models import Identity, Member
from tests import make
from tests.doors.gateway.conftest import Call

pytestmark = pytest.mark.django_db
VISITOR = "0f9a1c3e-5b7d-4e2f-8a6c-1d3e5f7a9b0c"
BATCH_QUERIES = 30


def known(phone: str) -> Member:
    """Return a member who is known by the telephone number."""
    member = make.member(phone=phone)
    Identity.objects.create(
        member=member, kind=Identity.Kind.PHONE, value=phone, created_at=clock.now()
    )
    return member


def event(kind: str = "view", **facts: Any) -> dict[str, Any]:
    """Return an event as a shop's server sends it."""
    shown = {
        "view": {"path": "/products/coat-01", "product_code": "coat-01"},
        "search": {"term": "羊毛大衣"},
    }.get(kind, {"lines": [{"sku": "coat-01-M", "quantity": 1}]})
    return {
        "event_id": str(uuid4()),
        "kind": kind,
        "visitor": VISITOR,
        **shown,
        **facts,
    }


def sent(call: Call, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Send them; return the results."""
    answer = call("POST", "events", {"events": list(events)})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_views_searches_and_carts_come_in_once(call: Call) -> None:
    coat = make.product()
    batch = [event(), event("search"), event("cart_added"), event("cart")]

    first, again = sent(call, *batch), sent(call, *batch)

    assert [row["status"] for row in first] == ["new"] * 4
    assert [row["status"] for row in again] == ["unchanged"] * 4
    assert [row["event_id"] for row in first] == [row["event_id"] for row in batch]
    assert PageView.objects.get().product == coat
    assert ShopSearch.objects.get().term == "羊毛大衣"
    assert {row.kind for row in CartEvent.objects.all()} == {"cart", "cart_added"}


def test_an_event_twice_in_a_batch_counts_once(call: Call) -> None:
    one = event("search")

    assert [row["status"] for row in sent(call, one, one)] == ["new", "unchanged"]
    assert ShopSearch.objects.count() == 1


def test_a_customer_who_is_known_makes_the_visitor_a_member(call: Call) -> None:
    siyu = known("+886912345678")
    sent(call, event("search"))

    customer = {"phone": "0912-345-678"}
    sent(call, event("cart", customer=customer))

    assert ShopSearch.objects.get().member == siyu
    assert CartEvent.objects.get().member == siyu
    assert Visitor.objects.get().key == VISITOR


def test_a_customer_whom_nobody_knows_is_not_made_a_member(call: Call) -> None:
    customer = {"phone": "0987654321"}

    kept, lost = sent(
        call, event(customer=customer), event(customer=customer, visitor="")
    )

    assert kept["status"] == "new"
    assert (lost["status"], lost["field"]) == ("rejected", "customer")
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"event_id": "7"}, "event_id"),
        ({"kind": "fax"}, "kind"),
        ({"visitor": ""}, "visitor"),
        ({"path": ""}, "path"),
        ({"path": "x" * 301}, "path"),
        ({"at": "2020-01-01T00:00:00+08:00"}, "at"),
        ({"at": "2126-01-01T00:00:00+08:00"}, "at"),
        ({"at": 7}, "at"),
        ({"kind": "search", "term": "siyu@example.com"}, "term"),
        ({"kind": "search", "term": "0912 345 678"}, "term"),
        ({"kind": "cart_added", "lines": []}, "lines"),
        ({"kind": "cart", "lines": [{"sku": "a", "quantity": -1}]}, "lines.0.quantity"),
        ({"kind": "cart", "lines": [{"sku": "", "quantity": 1}]}, "lines.0.sku"),
    ],
)
def test_a_bad_event_names_its_field_and_keeps_no_other_out(
    call: Call, facts: dict[str, Any], field: str
) -> None:
    first, bad, last = sent(call, event(), event(**facts), event())

    assert (first["status"], last["status"]) == ("new", "new")
    assert (bad["status"], bad["field"]) == ("rejected", field)
    assert bad["why"]


def test_a_key_with_a_batch_answers_the_same_again(call: Call) -> None:
    batch = {"events": [event(), event("search")]}

    first = call("POST", "events", batch, **{"Idempotency-Key": "k-1"})
    again = call("POST", "events", batch, **{"Idempotency-Key": "k-1"})

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_thousand_events_take_no_more_queries_than_ten(
    call: Call, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [known(f"+8869123456{n:02}") for n in range(10)]
    batch = [
        event(
            ("view", "search", "cart")[n % 3],
            visitor=f"visitor-{n:04}",
            customer={"phone": people[n % 10].phone},
        )
        for n in range(1_000)
    ]

    with django_assert_max_num_queries(BATCH_QUERIES):
        results = sent(call, *batch)

    assert {row["status"] for row in results} == {"new"}
    assert Visitor.objects.count() == 1_000


def test_a_shop_gets_a_token_for_who_signed_in(call: Call) -> None:
    siyu = known("+886912345678")

    answer = call(
        "POST", "visitors/tokens", {"phone": "0912345678", "visitor": VISITOR}
    )

    told = answer.json()
    assert answer.status_code == 200
    assert siyu.number not in told["token"]
    assert "912345678" not in told["token"]
    now = clock.now()
    assert visitor_tokens.read(told["token"], VISITOR, now=now) == siyu
    assert visitor_tokens.read(told["token"], "another-one", now=now) is None
    late = now + timedelta(minutes=16)
    assert visitor_tokens.read(told["token"], VISITOR, now=late) is None


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({}, 422),
        ({"shop_id": "7"}, 422),
        ({"phone": "0987654321"}, 404),
        ({"shop_id": "7", "system": "shop"}, 404),
    ],
)
def test_a_token_is_only_for_a_member(
    call: Call, who: dict[str, str], status: int
) -> None:
    assert call("POST", "visitors/tokens", who).status_code == status
