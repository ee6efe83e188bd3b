"""What the demo's members searched for and left in the shop's cart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from apps.attribution import services as attribution
from apps.attribution.models import PageView
from apps.attribution.services import Browsed
from apps.catalog.models import Variant

WORDS = (
    "羊毛大衣", "針織衫", "寬褲", "洋裝 長袖", "圍巾", "通勤包", "白襯衫", "米色",
    "小尺碼", "情人節", "折扣", "母親節禮物",
)  # fmt: skip
SEARCHED, CARTED = 0.5, 0.2  # of those who looked at goods
LATELY = timedelta(days=20)
AT_ONCE = 1_000


def build(random: Random, *, now: datetime) -> None:
    """Let some who looked at goods search before, and leave a cart behind."""
    skus = list(Variant.objects.order_by("pk").values_list("sku", flat=True))
    batch: list[Browsed] = []
    for act in _acts(random, skus, now=now):
        batch.append(act)
        if len(batch) == AT_ONCE:
            attribution.note_events(batch)
            batch.clear()
    attribution.note_events(batch)


def _acts(random: Random, skus: list[str], *, now: datetime) -> Iterator[Browsed]:
    seen = PageView.objects.filter(member__isnull=False).order_by("member", "-at")
    for member, visitor, at in seen.distinct("member").values_list(
        "member", "visitor", "at"
    ):
        lately = max(at, now - LATELY * random.random())
        if random.random() < SEARCHED:
            for place, term in enumerate(random.sample(WORDS, random.randint(1, 3))):
                searched_at = lately - timedelta(minutes=2 * place)
                yield Browsed(
                    _uuid(random), "search", visitor, searched_at, member, term=term
                )
        if random.random() < CARTED:
            chosen = random.sample(skus, random.randint(1, 3))
            pieces = {sku: random.choice((1, 1, 1, 2)) for sku in chosen}
            yield Browsed(_uuid(random), "cart", visitor, lately, member, pieces=pieces)


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
