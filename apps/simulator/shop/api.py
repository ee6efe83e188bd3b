"""The shop's client of the public API: products, orders, refunds."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.conf import settings

PAGES = 20
FRESH_SECONDS = 20
TIMEOUT = httpx.Timeout(10, connect=2)


@dataclass(frozen=True)
class Variant:
    """What can be put in the cart."""

    sku: str
    color: str
    size: str
    price: int
    stock: int


@dataclass(frozen=True)
class Product:
    """What the shop shows."""

    code: str
    name: str
    price: int
    category: str
    picture_url: str
    description: str
    variants: list[Variant] = field(default_factory=list)


class ApiError(Exception):
    """The API did not answer, or said no."""


def products() -> list[Product]:
    """Return all products; a fresh copy at most every 20 seconds. Raises ApiError."""
    with _lock:
        if time.monotonic() - _shelf.at < FRESH_SECONDS:
            return _shelf.products
    found = [_product(raw) for raw in _all_products()]
    with _lock:
        _shelf.products, _shelf.at = found, time.monotonic()
    return found


def place(order: dict[str, Any]) -> dict[str, Any]:
    """Send the order; return the API's result for it. Raises ApiError."""
    answer = _call(
        "POST", "/api/v1/orders", {"orders": [order]}, key=order["external_id"]
    )
    return _first(answer)


def refund(order: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Send a refund of an order; return the API's result. Raises ApiError."""
    path = f"/api/v1/orders/{order['source']}/{order['external_id']}/refunds"
    answer = _call("POST", path, {"refunds": [facts]}, key=facts["external_id"])
    return _first(answer)


def visitor_token(phone: str, visitor: str) -> str:
    """Return the token that tells the snippet who signed in. Raises ApiError."""
    who = {"phone": phone, "visitor": visitor}
    return str(_call("POST", "/api/v1/visitors/tokens", who)["token"])


def forget() -> None:
    """Drop the copy of the products, so that the next visitor gets fresh ones."""
    with _lock:
        _shelf.at = -FRESH_SECONDS * 2.0


@dataclass
class _Shelf:
    products: list[Product] = field(default_factory=list)
    at: float = -FRESH_SECONDS * 2.0


_shelf = _Shelf()
_lock = threading.Lock()


def _all_products() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url = "/api/v1/products"
    for _ in range(PAGES):
        answer = _call("GET", url)
        found += answer.get("products") or answer.get("results") or []
        following = answer.get("next")
        if not following:
            break
        is_url = str(following).startswith(("http", "/"))
        url = str(following) if is_url else f"/api/v1/products?cursor={following}"
    return found


def _product(raw: dict[str, Any]) -> Product:
    price = int(raw.get("price") or 0)
    variants = [
        Variant(
            sku=str(one.get("sku", "")),
            color=str(one.get("color") or ""),
            size=str(one.get("size") or ""),
            price=int(one.get("price") or price),
            stock=int(one.get("stock") or 0),
        )
        for one in raw.get("variants") or []
    ]
    return Product(
        code=str(raw.get("code", "")),
        name=str(raw.get("name", "")),
        price=price or min((one.price for one in variants), default=0),
        category=str(raw.get("category") or ""),
        picture_url=_absolute(str(raw.get("picture_url") or "")),
        description=str(raw.get("description") or ""),
        variants=variants,
    )


def _absolute(url: str) -> str:
    return f"{settings.PUBLIC_URL}{url}" if url.startswith("/") else url


def _first(answer: dict[str, Any]) -> dict[str, Any]:
    results = answer.get("results") or [answer]
    return dict(results[0])


def _call(
    method: str, path: str, body: dict[str, Any] | None = None, key: str = ""
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {settings.SHOP_API_KEY}"}
    if key:
        headers["Idempotency-Key"] = key
    url = path if path.startswith("http") else f"{settings.PUBLIC_URL}{path}"
    try:
        answer = httpx.request(method, url, json=body, headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        raise ApiError(str(error)) from error
