"""The API's page for people: every example is sent, and answered as it says."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.core import clock
from apps.gateway.api import examples
from apps.gateway.api.app import api
from apps.gateway.api.examples import Example
from tests.doors.gateway import examples as world
from tests.doors.gateway.conftest import Call

pytestmark = pytest.mark.django_db

METHODS = {
    facts["operationId"]: (method.upper(), path)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method, facts in methods.items()
}


def sent(example: Example, call: Call, client: Client) -> Any:
    """Send an example as it is documented."""
    method, _path = METHODS[example.operation]
    if example.name == examples.KEYLESS:
        return client.get(f"{examples.PREFIX}{example.path}")
    headers = {"Idempotency-Key": example.key} if example.key else {}
    return call(method, example.path, example.body, **headers)


def alike(told: Any, meant: Any, varies: tuple[str, ...], at: str = "") -> None:
    """Hold an answer to the documented one; what varies has only the same kind."""
    name = at.rpartition(".")[2]
    assert type(told) is type(meant), at
    if name in varies:
        if isinstance(meant, str) and re.match(r"\d{4}-\d\d-\d\dT", meant):
            assert datetime.fromisoformat(told).tzinfo, at
        return
    if isinstance(meant, dict):
        assert told.keys() == meant.keys(), at
        for key in meant:
            alike(told[key], meant[key], varies, f"{at}.{key}")
    elif isinstance(meant, list):
        assert len(told) == len(meant), at
        for got, wanted in zip(told, meant, strict=True):
            alike(got, wanted, varies, at)
    else:
        assert told == meant, at


def test_every_operation_has_one_example_and_a_title() -> None:
    told = [example.operation for example in examples.story()]

    assert sorted(told) == sorted(METHODS)
    assert examples.TITLES.keys() == METHODS.keys()


def test_an_example_asks_for_the_path_of_its_operation() -> None:
    for example in (*examples.story(), *examples.errors()):
        _method, path = METHODS[example.operation]
        shape = re.sub(r"\{\w+\}", "[^/]+", path)
        assert re.fullmatch(shape, f"{examples.PREFIX}{example.path}".partition("?")[0])


def test_every_example_is_answered_as_documented(
    call: Call, client: Client, settings: Settings
) -> None:
    settings.SHOP_URL = "https://shop.example"
    world.build(now=clock.now())

    for example in (*examples.story(), *examples.errors()):
        answer = sent(example, call, client)
        assert answer.status_code == example.status, (example, answer.content)
        told = answer.json() if answer.content else None
        alike(told, example.answer, example.varies, example.operation)


def test_the_page_shows_guide_and_operations_to_everybody(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(0):
        shown = client.get("/api/v1/docs").content.decode()

    for name in METHODS:
        assert f'id="{name}"' in shown
    for words in ("Idempotency-Key", "problem+json", "Retry-After", "data-member"):
        assert words in shown
    assert "羊毛大衣" in shown
    assert not re.search(r'(src|href)="https?://(?!testserver|127\.0\.0\.1)', shown)


def test_a_body_with_an_apostrophe_is_still_one_argument() -> None:
    example = Example("send_orders", "orders", 200, {}, body={"name": "O'Neil"})

    assert "O'\\''Neil" in example.curl("POST")
