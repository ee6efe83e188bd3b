"""What the demo's members looked at, searched for and left in the shop's cart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from apps.attribution import services as attribution
from apps.attribution.services import Browsed
from apps.catalog.models import Product, Variant
from apps.members.models import Member

WORDS = (
    "羊毛大衣", "針織衫", "寬褲", "洋裝 長袖", "圍巾", "通勤包", "白襯衫", "米色",
    "小尺碼", "情人節", "折扣", "母親節禮物",
)  # fmt: skip
VISITED, SEARCHED, CARTED = 0.4, 0.5, 0.2
LATELY = timedelta(days=20)
AT_ONCE = 1_000


def build(random: Random, *, now: datetime) -> None:
    """Let some members look at goods, search for others, and leave a cart behind."""
    batch: list[Browsed] = []
    for act in _acts(random, now=now):
        batch.append(act)
        if len(batch) == AT_ONCE:
            attribution.note_events(batch)
            batch.clear()
    attribution.note_events(batch)


def _acts(random: Random, *, now: datetime) -> Iterator[Browsed]:
    products = list(Product.objects.order_by("pk"))
    skus = list(Variant.objects.order_by("pk").values_list("sku", flat=True))
    known = Member.objects.filter(stage=Member.Stage.REGISTERED, merged_into=None)
    for place, member in enumerate(known.order_by("pk").values_list("pk", flat=True)):
        if place and random.random() > VISITED:
            continue
        at = now - LATELY * random.random() ** 2
        visitor = _uuid(random).hex
        for kind, facts in _visit(random, products, skus, is_keen=not place):
            at += timedelta(minutes=random.randint(1, 4))
            yield Browsed(_uuid(random), kind, visitor, min(at, now), member, **facts)


def _visit(
    random: Random, products: list[Product], skus: list[str], *, is_keen: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what was done in one visit; the keen one does everything."""
    if is_keen or random.random() < SEARCHED:
        for term in random.sample(WORDS, random.randint(1, 3)):
            yield "search", {"term": term}
    for product in random.sample(products, random.randint(2, 5)):
        path = product.path or f"/products/{product.code}"
        yield "view", {"path": path, "product_code": product.code}
    if is_keen or random.random() < CARTED:
        chosen = random.sample(skus, random.randint(1, 3))
        yield "cart", {"pieces": dict.fromkeys(chosen, 1)}


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
