"""The look-up of a tracked link: who sent it, when, and how long it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from apps.attribution import services as attribution
from apps.core import clock
from apps.gateway import keys
from tests import make

pytestmark = pytest.mark.django_db
RAW = "rg_test_0123456789"
Look = Callable[[str], Any]


@pytest.fixture
def look(client: Client, settings: Settings) -> Look:
    settings.SHOP_URL = "https://shop.example"
    keys.ensure_key("Shop", RAW, scopes=["links:read"], now=clock.now())
    headers = {"Authorization": f"Bearer {RAW}"}
    return lambda code: client.get(f"/api/v1/links/{code}", headers=headers)


def test_a_link_is_looked_up_by_its_reference(
    look: Look, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    store, siyu = make.store(code="tp01"), make.member()
    lin = make.staff("林怡君", at=store, code="lin")
    now = clock.now()
    link = attribution.make_link(
        lin, store, member=siyu, product=make.product(), campaign="fall", now=now
    )
    attribution.follow_link(link.code, visitor="v", now=now)

    with django_assert_max_num_queries(8):
        told = look(link.code).json()

    assert told["salesperson"] == {"code": "lin", "name": "林怡君"}
    assert (told["store_code"], told["kind"]) == ("tp01", "product")
    assert (told["member_number"], told["campaign"]) == (siyu.number, "fall")
    assert told["sent_at"] == told["clicked_at"] == told["window_starts_at"]
    assert told["window_days"] == 30
    assert told["window_ends_at"] > told["window_starts_at"]


def test_a_link_that_nobody_opened_has_no_window_yet(look: Look) -> None:
    lin = make.staff()
    link = attribution.make_link(lin, None, member=None, now=clock.now())
    told = look(link.code).json()
    assert told["sent_at"] is None
    assert told["window_starts_at"] is None
    assert told["window_ends_at"] is None


def test_an_unknown_code_is_a_404(look: Look) -> None:
    assert look("nobodys").status_code == 404
    assert look("x" * 40).status_code == 422


def test_a_key_needs_the_scope(client: Client) -> None:
    keys.ensure_key("Till", RAW, scopes=["orders:write"], now=clock.now())
    headers = {"Authorization": f"Bearer {RAW}"}
    assert client.get("/api/v1/links/abc", headers=headers).status_code == 403
