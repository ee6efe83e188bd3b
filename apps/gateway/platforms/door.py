"""The webhooks of shops: prove the sender, store the delivery, ring, answer.

Shopify waits five seconds and gives a webhook up after some failures, so that nothing
else happens in the request; `tasks.handle_pending` does the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.core.text import clean
from apps.gateway.doorbell import Doorbell
from apps.gateway.models import ShopConnection, ShopEvent
from apps.gateway.platforms.signature import is_genuine
from apps.staff.access import machine

LARGEST_BODY = 4 * 1024 * 1024
# WooCommerce tries an address by this, unsigned, before it keeps a webhook.
PING = re.compile(rb"webhook_id=\d{1,20}")
Platform = ShopConnection.Platform

bell = Doorbell("apps.gateway.platforms.tasks.handle_pending")


@dataclass(frozen=True)
class Headers:
    """Where a platform puts its signature, topic and number of the delivery."""

    signature: str
    topic: str
    delivery: str


SHOPIFY = Headers("X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Webhook-Id")
WOOCOMMERCE = Headers(
    "X-WC-Webhook-Signature", "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID"
)


@csrf_exempt
@require_POST
@machine
def shopify(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a delivery of a Shopify shop; only a signed one is stored."""
    return _take_in(request, slug, Platform.SHOPIFY, SHOPIFY)


@csrf_exempt
@require_POST
@machine
def woocommerce(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a delivery of a WooCommerce shop; only a signed one is stored."""
    return _take_in(request, slug, Platform.WOOCOMMERCE, WOOCOMMERCE)


def _take_in(
    request: HttpRequest, slug: str, platform: Platform, names: Headers
) -> HttpResponse:
    shops = ShopConnection.objects.filter(platform=platform, is_active=True)
    shop = shops.filter(slug=slug).first()
    if shop is None:
        return _answer(404)
    if _length(request) > LARGEST_BODY:
        return _answer(413)
    body = request.body
    if platform == Platform.WOOCOMMERCE and PING.fullmatch(body):
        return _answer(200)
    signature = request.headers.get(names.signature, "")
    if not is_genuine(body, signature, secret=shop.secret):
        return _answer(403)
    ShopEvent.objects.take_in(
        shop.pk,
        clean(request.headers.get(names.topic, ""), 60),
        clean(request.headers.get(names.delivery, ""), 80) or sha256(body).hexdigest(),
        body,
        now=clock.now(),
    )
    bell.ring()
    return _answer(200)


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status, headers={"Content-Length": "0"})


def _length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("content-length") or 0)
    except ValueError:
        return 0
