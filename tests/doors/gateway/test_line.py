"""The webhook: whom it believes, what it stores, what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.gateway import events, line
from apps.gateway.models import InboundEvent
from tests import make
from tests.gateway import webhooks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account() -> Iterator[None]:
    line.forget_accounts()
    make.account()
    yield
    line.forget_accounts()


def post(body: bytes, signature: str | None = None, slug: str = "main") -> int:
    signed = webhooks.signature(body) if signature is None else signature
    answer = Client(enforce_csrf_checks=True).post(
        f"/webhooks/line/{slug}/",
        body,
        content_type="application/json; charset=utf-8",
        headers={"x-line-signature": signed} if signed else {},
    )
    return answer.status_code


def test_a_signed_event_is_stored_and_answered() -> None:
    assert post(webhooks.body(webhooks.text("嗨😀"))) == 200
    row = InboundEvent.objects.get()
    assert (row.type, row.state) == ("message", "new")
    assert events.unpack(bytes(row.body))["message"]["text"] == "嗨😀"


@pytest.mark.parametrize("signature", ["", "x", "é" * 40, "A" * 43 + "="])
def test_what_is_not_signed_is_refused_and_not_stored(signature: str) -> None:
    assert post(webhooks.body(webhooks.text("嗨")), signature) == 403
    assert not InboundEvent.objects.exists()


def test_a_signature_of_another_body_is_refused() -> None:
    other = webhooks.signature(webhooks.body(webhooks.text("一")))
    assert post(webhooks.body(webhooks.text("二")), other) == 403


def test_both_secrets_are_believed_while_one_takes_over_from_the_other() -> None:
    body = webhooks.body(webhooks.text("嗨"))
    assert post(body, webhooks.signature(body, "test-next-secret")) == 200


def test_an_account_without_secrets_believes_nobody() -> None:
    make.account("bare", channel_secret="", next_channel_secret="")
    body = webhooks.body(webhooks.text("嗨"))
    assert post(body, webhooks.signature(body, ""), slug="bare") == 403


def test_an_unknown_account_is_not_found() -> None:
    assert post(webhooks.body(), slug="nobody") == 404


def test_the_verify_button_is_answered() -> None:
    assert post(b'{"destination":"U0","events":[]}') == 200
    assert post(b'{"destination":"U0"}') == 200
    assert not InboundEvent.objects.exists()


def test_a_body_beyond_a_megabyte_is_too_large() -> None:
    assert post(b" " * (1024 * 1024 + 1)) == 413


def test_a_redelivery_is_the_same_event_with_or_without_lines_id() -> None:
    for missing in ([], ["webhookEventId"], ["webhookEventId", "deliveryContext"]):
        event = webhooks.text("一次")
        for name in missing:
            del event[name]
        again = {**event, "deliveryContext": {"isRedelivery": True}}
        assert post(webhooks.body(event)) == post(webhooks.body(again, event)) == 200
    assert InboundEvent.objects.count() == 3


def test_events_that_share_an_id_that_is_no_ulid_are_all_stored() -> None:
    pair = [webhooks.text(words, webhookEventId="test") for words in ("一", "二")]
    post(webhooks.body(*pair))
    assert InboundEvent.objects.count() == 2


def test_events_of_one_moment_keep_their_order() -> None:
    said = [webhooks.text(str(n), timestamp=1_700_000_000_000) for n in range(9)]
    for event in said:
        event["webhookEventId"] = event["webhookEventId"][::-1]
    post(webhooks.body(*said))
    rows = InboundEvent.objects.order_by("occurred_at", "id")
    words = [events.unpack(bytes(row.body))["message"]["text"] for row in rows]
    assert words == [str(n) for n in range(9)]


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"events":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"events": 7}',
        b'{"events": "abc"}',
        b"[]",
        b"1" * 6_000,
        b'{"events": [1, null, "x"]}',
        b'{"events": [{"timestamp": 1e999}, {"timestamp": 9223372036854775808}]}',
    ],
)
def test_a_signed_body_of_any_shape_is_answered_and_kept(body: bytes) -> None:
    assert post(body) == 200
    assert InboundEvent.objects.exists()


def test_nul_and_lone_surrogates_are_stored_as_they_came() -> None:
    event = webhooks.text("a\x00b\ud83d", user="U\x00\udfff", type="mes\x00sage")
    assert post(webhooks.body(event)) == 200
    row = InboundEvent.objects.get()
    assert (row.user_id, row.type) == ("U��", "mes�sage")
    assert events.unpack(bytes(row.body))["message"]["text"] == "a\x00b\ud83d"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    ["type", "mode", "timestamp", "source", "webhookEventId", "deliveryContext",
     "replyToken", "message", "unsend", "follow", "postback", "link", "x"]
)  # fmt: skip
strange_events = st.dictionaries(names, json_values, max_size=8)
near_events = strange_events.map(lambda odd: {**webhooks.text("嗨"), **odd})
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.lists(strange_events | near_events, max_size=4).map(
        lambda made: webhooks.body(*made)
    ),
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=bodies, is_signed=st.booleans())
def test_no_body_is_answered_with_a_server_error(
    *, body: bytes, is_signed: bool
) -> None:
    before = InboundEvent.objects.count()
    status = post(body, None if is_signed else "bm8gc2lnbmF0dXJl")
    assert status == (200 if is_signed else 403)
    assert is_signed or InboundEvent.objects.count() == before
    for each in events.read(body, now=clock.now()):
        assert len(each.event_id) <= 64
