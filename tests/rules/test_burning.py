"""What of a basket points may pay while they are kept from some of it."""

from __future__ import annotations

import pytest

from apps.loyalty.rules.burning import ANYWHERE, Pause, payable
from apps.loyalty.rules.coupons import Basket, Item

COATS, KNITS = 1, 2
ALL = Pause("週年慶")
WEB = Pause("官網特賣", channels=frozenset({"web"}))
NO_COATS = Pause("外套特價", categories=frozenset({COATS}))
WEB_COATS = Pause("外套特價", frozenset({"web"}), frozenset({COATS}))
MIXED = (Item(3_000, category_id=COATS), Item(1_000, category_id=KNITS))


@pytest.mark.parametrize(
    ("pauses", "basket", "total", "why", "note"),
    [
        ([], Basket("web", sum=500), 500, "", ""),
        ([ALL], Basket("store", sum=500), 0, "週年慶", ""),
        ([WEB], Basket("store", sum=500), 500, "", ""),
        ([WEB], Basket("web", sum=500), 0, "官網特賣", ""),
        ([WEB], Basket(ANYWHERE, sum=500), 0, "官網特賣", ""),
        ([NO_COATS], Basket("store", items=MIXED), 1_000, "", "外套特價"),
        ([NO_COATS], Basket("store", items=MIXED[:1]), 0, "外套特價", ""),
        ([NO_COATS], Basket("store", items=MIXED[1:]), 1_000, "", ""),
        ([NO_COATS], Basket("store", sum=4_000), 4_000, "", ""),
        ([WEB_COATS], Basket("store", items=MIXED), 4_000, "", ""),
        ([WEB_COATS], Basket("web", items=MIXED), 1_000, "", "外套特價"),
        ([NO_COATS, WEB], Basket("web", items=MIXED), 0, "官網特賣", ""),
    ],
)
def test_what_points_may_pay(
    pauses: list[Pause], basket: Basket, total: int, why: str, note: str
) -> None:
    answer = payable(basket, pauses)
    assert (answer.total, answer.why, answer.note) == (total, why, note)
