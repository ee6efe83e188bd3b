"""Shops on platforms and what they send: bodies, signed, by topic."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from django.test import Client

from apps.core import clock
from apps.gateway.models import ShopConnection, ShopEvent
from apps.gateway.platforms import tasks

SECRET = "shop-secret"
BODIES = Path(__file__).parent / "platform_bodies"


def shop(platform: str = "shopify", slug: str = "web-tw") -> ShopConnection:
    """Make a shop that shares the secret with us."""
    return ShopConnection.objects.create(
        platform=platform, slug=slug, name="官網", secret=SECRET, created_at=clock.now()
    )


def body(name: str, **facts: Any) -> Any:
    """Return a body with some of its fields changed."""
    return json.loads((BODIES / f"{name}.json").read_text()) | facts


def sign(raw: bytes, secret: str = SECRET) -> str:
    """Return what a platform puts into its header."""
    digest = hmac.digest(secret.encode(), raw, hashlib.sha256)
    return base64.b64encode(digest).decode()


def send(
    to: ShopConnection,
    topic: str,
    facts: Any,
    *,
    delivery: str = "d-1",
    signature: str | None = None,
) -> Any:
    """Send a delivery as the platform does."""
    raw = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
    given = sign(raw) if signature is None else signature
    if to.platform == "shopify":
        names = ("X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Webhook-Id")
    else:
        names = ("X-WC-Webhook-Signature", "X-WC-Webhook-Topic",
                 "X-WC-Webhook-Delivery-ID")  # fmt: skip
    values = (given, topic, delivery)
    headers = {n: v for n, v in zip(names, values, strict=True) if v}
    url = f"/webhooks/{to.platform}/{to.slug}/"
    return Client().post(url, raw, content_type="application/json", headers=headers)


def tell(
    to: ShopConnection, topic: str, facts: Any, delivery: str = "d-1"
) -> ShopEvent:
    """Send a delivery, have it handled, and return what became of it."""
    assert send(to, topic, facts, delivery=delivery).status_code == 200
    tasks.handle_pending()
    return ShopEvent.objects.get(connection=to, topic=topic, delivery_id=delivery)
