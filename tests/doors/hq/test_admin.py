"""The admin's index: HQ's master data in its order, and no machinery."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from apps.hq.master_data import HIDDEN
from apps.staff.models import Staff

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]


def test_the_index_shows_the_rooms_of_a_brand(as_: As, hq: Staff) -> None:
    html = as_(hq).get("/admin/").content.decode()

    places = [html.index(f"/admin/{room}/") for room in ("stores", "staff", "catalog")]
    assert places == sorted(places)
    assert "設定與主檔" in html
    assert not [room for room in HIDDEN if f"/admin/{room}/" in html]


def test_no_machinery_is_registered() -> None:
    rooms = {model._meta.app_label for model in admin.site._registry}

    assert not rooms & HIDDEN
    assert {"stores", "staff", "audit"} <= rooms


def test_hq_leads_to_the_admin_and_back(as_: As, hq: Staff) -> None:
    client = as_(hq)

    assert 'href="/admin/"' in client.get("/hq/orders/").content.decode()
    assert 'href="/hq/"' in client.get("/admin/").content.decode()


def test_only_an_hq_admin_is_led_to_the_admin(as_: As, lin: Staff) -> None:
    assert as_(lin).get("/admin/").status_code == 302
