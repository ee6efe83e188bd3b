"""The API as a shop sees it: keys, batches, repetition, limits, and its schema."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.core.errors import Refused
from apps.gateway import keys, limits
from apps.gateway.api.app import api
from apps.gateway.api.auth import PER_KEY
from apps.gateway.models import Answered, ApiKey, Bucket
from apps.orders.models import Order, Refund
from tests import make
from tests.doors.gateway.conftest import RAW, Call

pytestmark = pytest.mark.django_db
# Statements of one order: the intake's own, the key, its bucket and its log.
ONE_ORDER = 19


def order(number: str = "A-1", **facts: Any) -> dict[str, Any]:
    """Return an order as a shop sends it."""
    return {
        "source": "shop",
        "external_id": number,
        "channel": "web",
        "placed_at": "2026-11-01T21:12:00+08:00",
        "paid_at": "2026-11-01T21:13:00+08:00",
        "reference": "",
        "customer": {"name": "陳思妤", "phone": "0912-345-678"},
        "lines": [
            {"external_id": "1", "sku": "coat-01-M", "name": "羊毛大衣",
             "quantity": 1, "unit_price": 3280, "discount": 0},
        ],
        "shipping": 60,
        "discount": 80,
        **facts,
    }  # fmt: skip


def refund(number: str = "R-1", **facts: Any) -> dict[str, Any]:
    """Return a refund of the address's order, as a shop sends it."""
    return {
        "external_id": number,
        "refunded_at": "2026-11-05T12:00:00+08:00",
        "reason": "尺寸不合",
        "lines": [{"line_external_id": "1", "quantity": 1, "amount": 3200}],
        **facts,
    }


def test_an_order_comes_in_is_read_back_and_refunded(call: Call) -> None:
    make.product()

    answer = call("POST", "orders", {"orders": [order()]})

    assert answer.status_code == 200
    assert answer.json() == {"results": [{"external_id": "A-1", "status": "new"}]}
    call("POST", "orders/shop/A-1/refunds", {"refunds": [refund()]})
    told = call("GET", "orders/shop/A-1").json()
    assert (told["net"], told["refunded"]) == (3_200, 3_200)
    assert told["lines"][0]["net"] == 3_200
    assert told["refunds"][0]["amount"] == 3_200
    assert told["member_number"]


def test_one_order_of_a_known_member_takes_few_statements(call: Call) -> None:
    make.product()
    call("POST", "orders", {"orders": [order()]})

    with CaptureQueriesContext(connection) as queries:
        call("POST", "orders", {"orders": [order("A-2")]})

    assert len(queries) <= ONE_ORDER, [each["sql"] for each in queries]


def test_a_refund_names_its_order_itself(call: Call) -> None:
    one = refund(source="shop", order_external_id="A-1")

    before = call("POST", "refunds", {"refunds": [one]}).json()
    call("POST", "orders", {"orders": [order()]})
    after = call("POST", "refunds", {"refunds": [one]}).json()

    assert before["results"][0]["status"] == "parked"
    assert after["results"][0]["status"] == "unchanged"
    assert Refund.objects.get().amount == 3_200


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"placed_at": 1_793_000_000}, "placed_at"),
        ({"placed_at": "2026-11-01T21:12:00"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"lines": []}, "lines"),
        ({"lines": [{"external_id": "1", "quantity": True, "unit_price": 1}]},
         "lines.0.quantity"),
        ({"lines": [{"external_id": "1", "quantity": 1, "unit_price": 10.5}]},
         "lines.0.unit_price"),
        ({"external_id": "A\u0000"}, "external_id"),
        ({"reference": "\ud800"}, "reference"),
        ({"channel": "fax"}, "channel"),
        ({"channel": "store"}, "store_code"),
        ({"channel": "store", "store_code": "nowhere"}, "store_code"),
        ({"discount": 9_999}, "discount"),
    ],
)  # fmt: skip
def test_a_bad_row_names_its_field_and_keeps_no_other_out(
    call: Call, facts: dict[str, Any], field: str
) -> None:
    batch = [order("A-0"), order(**facts), order("A-2")]

    answer = call("POST", "orders", {"orders": batch}, **{"Idempotency-Key": "k"})

    first, bad, last = answer.json()["results"]
    assert (first["status"], last["status"]) == ("new", "new")
    assert (bad["status"], bad["field"]) == ("rejected", field)
    assert bad["why"]
    assert Order.objects.count() == 2


def test_what_no_column_takes_is_replaced_in_texts(call: Call) -> None:
    named = order(customer={"name": "陳\u0000\ud800妤", "phone": "0912345678"})

    answer = call("POST", "orders", {"orders": [named]})

    assert answer.json()["results"][0]["status"] == "new"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{", 400, None),
        ("[" * 100_000, 400, None),
        (b"\xff\xfe", 400, None),
        ("[]", 422, "orders"),
        ("{}", 422, "orders"),
        ({"orders": []}, 422, "orders"),
        ({"orders": [order()] * 1_001}, 422, "orders"),
        ("", 422, ""),
        ("1" * (5 * 1024 * 1024 + 1), 413, None),
    ],
)
def test_a_request_that_is_no_batch_is_a_problem(
    call: Call, body: Any, status: int, field: str | None
) -> None:
    answer = call("POST", "orders", body)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    if field is not None:
        assert told["errors"][0]["field"] == field


def test_products_are_paged_by_a_cursor(call: Call) -> None:
    for number in range(5):
        make.product(f"coat-{number:02d}")

    first = call("GET", "products?limit=2").json()
    second = call("GET", f"products?limit=2&cursor={first['next']}").json()
    last = call("GET", f"products?limit=2&cursor={second['next']}").json()

    pages = [[each["code"] for each in page["products"]] for page in (first, second)]
    assert pages == [["coat-00", "coat-01"], ["coat-02", "coat-03"]]
    assert [each["code"] for each in last["products"]] == ["coat-04"]
    assert last["next"] is None
    shown = first["products"][0]
    assert shown["picture_url"].startswith("http")
    assert shown["variants"][0] == {
        "sku": "coat-00-S", "color": "米白", "size": "S", "price": 3_280, "stock": 0,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["products?cursor=%00", "orders/%00/A-1"])
def test_nul_in_an_address_is_a_problem_not_a_crash(call: Call, path: str) -> None:
    assert call("GET", path).status_code == 422


def test_an_order_nobody_sent_is_not_found(call: Call) -> None:
    answer = call("GET", "orders/shop/A-404")

    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer rg_test_wrong", "Basic x", "Bearer rg_\x00_x", "é"]
)
def test_without_an_active_key_nobody_enters(call: Call, header: str) -> None:
    answer = call("GET", "products", Authorization=header)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    ApiKey.objects.update(is_active=False)
    assert call("GET", "products").status_code == 401


def test_a_key_does_what_its_scopes_say(call: Call) -> None:
    raw = "rg_reader_1"
    keys.ensure_key("Reader", raw, scopes=["products:read"], now=clock.now())
    reader = {"Authorization": f"Bearer {raw}"}

    assert call("GET", "products", **reader).status_code == 200
    answer = call("POST", "orders", {"orders": [order()]}, **reader)
    assert answer.status_code == 403
    assert "orders:write" in answer.json()["detail"]
    assert not Order.objects.exists()


def test_the_same_key_and_request_give_the_same_answer(call: Call) -> None:
    once = {"Idempotency-Key": "send-1"}
    first = call("POST", "orders", {"orders": [order()]}, **once)
    again = call("POST", "orders", {"orders": [order()]}, **once)
    other = call("POST", "orders", {"orders": [order("A-2")]}, **once)
    too_long = call("POST", "orders", {"orders": []}, **{"Idempotency-Key": "x" * 81})

    assert again.json() == first.json()
    assert again.json()["results"][0]["status"] == "new"
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, too_long.status_code) == (422, 422)
    assert Order.objects.count() == 1

    Answered.objects.update(at=clock.now() - timedelta(days=8))
    call_command("forget_requests")
    assert not Answered.objects.exists()


def test_who_knocks_too_often_is_told_when_to_come_back(call: Call) -> None:
    call("GET", "products")
    Bucket.objects.update(tokens=0, at=clock.now() + timedelta(seconds=1))

    answer = call("GET", "products")

    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 2


def test_a_bucket_fills_up_to_its_brim() -> None:
    now, limit = clock.now(), limits.Limit(rate=2, burst=3)

    assert [limits.take("a", limit, now=now) for _ in range(4)] == [0, 0, 0, 1]
    later = now + timedelta(seconds=1)
    assert [limits.take("a", limit, now=later) for _ in range(3)] == [0, 0, 1]
    much_later = now + timedelta(hours=2)
    assert [limits.take("a", limit, now=much_later) for _ in range(4)] == [0, 0, 0, 1]
    assert limits.forget_full(now=much_later) == 0
    assert limits.forget_full(now=much_later + timedelta(hours=2)) == 1
    assert PER_KEY.rate == 40


def test_a_key_is_shown_once_and_kept_as_a_hash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("make_api_key", "Till", "--scopes", "orders:write")

    raw = capsys.readouterr().out.strip()
    key = ApiKey.objects.get()
    assert key.scopes == ["orders:write"]
    assert raw.encode() not in bytes(key.digest)
    assert keys.authenticate(raw, now=clock.now()) == key
    key.refresh_from_db()
    assert key.last_used_at


def test_a_key_out_of_shape_or_with_unknown_scopes_is_refused() -> None:
    with pytest.raises(Refused):
        keys.ensure_key("Shop", "secret", scopes=[], now=clock.now())
    with pytest.raises(CommandError):
        call_command("make_api_key", "Till", "--scopes", "everything")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(list(order()) + list(order()["lines"][0])),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(JSON, st.sampled_from(list(order()) + list(order()["lines"][0])))
def test_whatever_stands_in_a_field_is_answered(
    call: Call, value: Any, field: str
) -> None:
    Bucket.objects.all().delete()
    one = order(lines=[{**order()["lines"][0], field: value}])
    batch = [order(**{field: value}), one]

    answer = call("POST", "orders", {"orders": batch})

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 2


def test_every_error_is_in_the_schema() -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            known = set(map(int, operation["responses"]))
            assert {401, 403, 422, 429} <= known, path
            assert method in {"get", "delete"} or {400, 413} <= known, path


def test_the_schema_and_its_page_are_open_to_all(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/v1/docs")

    assert schema["openapi"].startswith("3.")
    assert "/api/v1/orders/{source}/{external_id}" in schema["paths"]
    text = page.content.decode()
    assert "orders[].lines[].unit_price" in text
    assert "orders[].customer.phone" in text
    assert "cdn" not in text
    assert "style=" not in text


@pytest.mark.django_db(transaction=True)
def test_of_two_with_the_same_key_at_once_one_does_the_work() -> None:
    keys.ensure_key("Shop", RAW, scopes=keys.SCOPES, now=clock.now())
    ready = threading.Barrier(8)
    headers = {"Authorization": f"Bearer {RAW}", "Idempotency-Key": "send-1"}

    def send(_number: int) -> Any:
        ready.wait()
        try:
            return Client().post(
                "/api/v1/orders",
                {"orders": [order()]},
                content_type="application/json",
                headers=headers,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert {answer.json()["results"][0]["status"] for answer in answers} == {"new"}
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert replayed.count("true") == 7
