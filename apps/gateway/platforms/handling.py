"""Hand a delivery to the verbs that record what it tells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from apps.catalog import services as catalog
from apps.catalog.models import Category, Product
from apps.gateway.models import ShopConnection
from apps.gateway.platforms import reading, shopify, woocommerce
from apps.gateway.platforms.reading import ItemIn, Told, Unmappable
from apps.members import services as members
from apps.members.services.records import MemberIn
from apps.orders import services as orders

READERS = {
    ShopConnection.Platform.SHOPIFY: shopify.read,
    ShopConnection.Platform.WOOCOMMERCE: woocommerce.read,
}
NO_SHELF = "未分類"


@dataclass(frozen=True)
class Outcome:
    """How a delivery ended; of a dead one why."""

    state: Literal["done", "ignored", "dead"]
    why: str = ""


def read(
    shop: ShopConnection, topic: str, body: bytes, *, now: datetime
) -> Told | None:
    """Return what the delivery tells; Unmappable where it cannot be read."""
    facts = reading.unpack(body)
    reader = READERS[ShopConnection.Platform(shop.platform)]
    try:
        return reader(topic, facts, source=shop.slug, now=now)
    except KeyError as error:
        raise Unmappable(f"{error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Unmappable(f"not as the platform writes it: {error}") from error


def apply(told: Told, shop: ShopConnection, *, now: datetime) -> Outcome:
    """Record what was told, inside the caller's transaction."""
    faults = []
    if told.order:
        faults += _faults(orders.record([told.order], now=now))
    if told.refunds and not faults:
        faults += _faults(orders.record_refunds(told.refunds, now=now))
    if told.member:
        faults += _bring_member(told.member, shop, now=now)
    if told.product:
        _bring_product(told.product)
    if faults:
        return Outcome("dead", faults[0])
    is_told = told.order or told.refunds or told.member or told.product
    return Outcome("done" if is_told else "ignored")


def _faults(answers: list[orders.Recorded]) -> list[str]:
    return [
        f"{answer.field}: {answer.why}"
        for answer in answers
        if answer.status == "rejected"
    ]


def _bring_member(row: MemberIn, shop: ShopConnection, *, now: datetime) -> list[str]:
    answers = members.upsert([row], now=now, system=shop.slug, source=shop.platform)
    return [
        f"{answer.field}: {answer.code}"
        for answer in answers
        if answer.status == "rejected"
    ]


def _bring_product(item: ItemIn) -> None:
    """Write the product; what only we know of it stays: its English, its drawing."""
    shelf = item.category or NO_SHELF
    category = Category.objects.filter(name=shelf).order_by("pk").first()
    known = Product.objects.filter(code=item.code).first() or Product()
    catalog.upsert_products(
        [
            catalog.ProductIn(
                code=item.code,
                name=item.name,
                category=category.slug if category else _slug(shelf),
                category_name=shelf,
                category_name_en=category.name_en if category else "",
                price=item.price,
                name_en=known.name_en,
                description=item.description,
                path=item.path,
                art=known.art,
                hue=known.hue,
                is_active=item.is_active,
                variants=tuple(
                    catalog.VariantIn(sku, color, size)
                    for sku, color, size in item.variants
                ),
            )
        ]
    )


def _slug(name: str) -> str:
    """Return a slug for a shelf that is only known by its name."""
    digest = hashlib.blake2s(name.encode(), digest_size=5).hexdigest()
    return f"shelf-{digest}"
