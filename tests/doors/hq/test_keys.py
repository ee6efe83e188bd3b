"""HQ's page about keys and shops: made once, revoked, looked into, by admins only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from apps.core import clock
from apps.gateway import keys, request_log
from apps.gateway.models import ApiKey, Asked, ShopConnection, ShopEvent
from apps.staff.models import Staff
from tests import make
from tests.gateway import platform_shops as shops

pytestmark = pytest.mark.django_db

As = Callable[[Staff], Client]
URL = "/hq/keys/"


def test_a_key_is_shown_once_and_revoked(as_: As, hq: Staff) -> None:
    client = as_(hq)
    assert "讀取訂單" in client.get(f"{URL}new/").content.decode()
    made = client.post(f"{URL}new/", {"name": "POS", "scopes": ["orders:read"]})
    key = ApiKey.objects.get()
    raw = made.context["raw"]
    assert (key.name, key.scopes) == ("POS", ["orders:read"])
    assert keys.authenticate(raw, now=clock.now()) == key
    assert raw in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    for url in (URL, f"{URL}{key.pk}/"):
        shown = client.get(url).content.decode()
        assert f"rg_{key.prefix}_…" in shown
        assert raw not in shown
    for _ in range(2):
        assert client.post(f"{URL}{key.pk}/revoke/").status_code == 302
    assert keys.authenticate(raw, now=clock.now()) is None
    assert "已撤銷" in client.get(URL).content.decode()


def test_a_key_needs_a_name_and_a_scope(as_: As, hq: Staff) -> None:
    answer = as_(hq).post(f"{URL}new/", {"name": "", "scopes": ["no:such"]})
    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_what_a_key_asks_is_written_down(as_: As, hq: Staff) -> None:
    now = clock.now()
    key, raw = keys.make_key("POS", scopes=["products:read"], now=now)
    till = Client(headers={"Authorization": f"Bearer {raw}"})
    assert till.get("/api/v1/products").status_code == 200
    assert till.get("/api/v1/orders/web/A-1").status_code == 403
    Client(headers={"Authorization": "Bearer rg_x_y"}).get("/api/v1/products")
    Client().get("/api/v1/orders/web/A-1")
    asked = Asked.objects.order_by("pk").values_list("api_key", "path", "status")
    assert list(asked) == [
        (key.pk, "/api/v1/products", 200), (key.pk, "/api/v1/orders/web/A-1", 403),
    ]  # fmt: skip
    client = as_(hq)
    shown = client.get(f"{URL}{key.pk}/").content.decode()
    assert "The key lacks the scope orders:read." in shown
    failed = client.get(f"{URL}{key.pk}/?only=failed").content.decode()
    assert "/api/v1/products" not in failed
    Asked.objects.update(at=now - request_log.KEPT - timedelta(minutes=1))
    call_command("forget_requests")
    assert not Asked.objects.exists()


def test_a_shop_is_connected_and_its_failures_handled_again(as_: As, hq: Staff) -> None:
    client = as_(hq)
    facts = {
        "platform": "shopify",
        "name": "官網",
        "slug": "web-tw",
        "secret": "s3cret",
    }
    assert client.post(f"{URL}shops/new/", facts).status_code == 302
    shop = ShopConnection.objects.get()
    url = f"{URL}shops/{shop.pk}/"
    shown = client.get(url).content.decode()
    assert "http://testserver/webhooks/shopify/web-tw/" in shown
    assert "s3cret" not in shown
    assert client.post(f"{URL}shops/new/", facts).status_code == 422

    ShopConnection.objects.update(secret=shops.SECRET)
    now = clock.now()
    ShopEvent.objects.take_in(shop.pk, "orders/create", "d-1", b"no json", now=now)
    ShopEvent.objects.update(state="dead", error="the body is no JSON")
    shown = client.get(f"{url}?only=failed").content.decode()
    assert "the body is no JSON" in shown
    event = ShopEvent.objects.get()
    for chosen in ({"event": "987654"}, {"event": str(event.pk)}, {}):
        assert client.post(f"{url}requeue/", chosen).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.error) == ("new", "")

    client.post(f"{url}switch/", {"to": "off"})
    assert "已停用" in client.get(URL).content.decode()
    client.post(f"{url}switch/", {"to": "on"})
    shop.refresh_from_db()
    assert shop.is_active


def test_nobody_but_an_admin_opens_it(as_: As) -> None:
    person = make.staff("行銷", role=Staff.Role.MARKETING)
    assert as_(person).get(URL).status_code == 403
