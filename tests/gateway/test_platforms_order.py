"""The deliveries of one order converge, in whatever order and however often."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest

from apps.core import clock
from apps.gateway.models import ShopConnection
from apps.gateway.platforms import handling
from apps.members.models import MemberFacts
from apps.orders.invariants import INVARIANTS
from apps.orders.models import Order, OrderLine, ParkedRefund, Refund, RefundLine
from config.management.commands.check_invariants import offenders
from tests.gateway import platform_shops as shops
from tests.orders.test_histories import forgotten

REFUND = shops.body("shopify_refund")
CREATED = shops.body("shopify_order")
PAID = CREATED | {
    "financial_status": "paid", "updated_at": "2026-11-11T09:00:00+08:00",
}  # fmt: skip
SHIPPED = PAID | {
    "fulfillment_status": "fulfilled", "updated_at": "2026-11-12T09:00:00+08:00",
}  # fmt: skip
REFUNDED = SHIPPED | {
    "financial_status": "partially_refunded", "refunds": [REFUND],
    "updated_at": "2026-11-14T11:02:04+08:00",
}  # fmt: skip
CANCELLED = REFUNDED | {
    "cancelled_at": "2026-11-15T11:00:00+08:00",
    "updated_at": "2026-11-15T11:00:00+08:00",
}
SHOPIFY = [
    ("orders/create", CREATED), ("orders/paid", PAID), ("orders/fulfilled", SHIPPED),
    ("refunds/create", REFUND), ("orders/updated", REFUNDED),
]  # fmt: skip
ENDED = [SHOPIFY[0], SHOPIFY[1], ("orders/cancelled", CANCELLED), SHOPIFY[3],
         SHOPIFY[1]]  # fmt: skip
PLACED = shops.body("woocommerce_order")
PROCESSING = PLACED | {
    "status": "processing", "date_paid_gmt": "2026-11-12T03:00:00",
    "date_modified_gmt": "2026-11-12T03:00:00",
}  # fmt: skip
PARTLY = PROCESSING | {
    "refunds": [{"id": 3110, "reason": "瑕疵", "total": "-500"}],
    "date_modified_gmt": "2026-11-13T03:00:00",
}
WHOLLY = PARTLY | {
    "status": "refunded", "date_modified_gmt": "2026-11-14T03:00:00",
    "refunds": [*PARTLY["refunds"], {"id": 3120, "reason": "", "total": "-2780"}],
}  # fmt: skip
WOOCOMMERCE = [
    ("order.created", PLACED), ("order.updated", PROCESSING),
    ("order.updated", PARTLY), ("order.updated", WHOLLY), ("order.updated", PARTLY),
]  # fmt: skip
HISTORIES = {
    "shopify": ("shopify", SHOPIFY),
    "shopify, cancelled": ("shopify", ENDED),
    "woocommerce": ("woocommerce", WOOCOMMERCE),
}


def hear(shop: ShopConnection, topic: str, facts: Any) -> None:
    now = clock.now()
    told = handling.read(shop, topic, json.dumps(facts).encode(), now=now)
    assert told is not None
    assert handling.apply(told, shop, now=now).state in ("done", "ignored")


def state() -> dict[str, Any]:
    order = ("net", "tax", "refunded", "status", "paid_at", "cancelled_at")
    line = ("external_id", "quantity", "net", "discount", "tax")
    part = ("refund__external_id", "line__external_id", "quantity", "amount")
    return {
        "order": list(Order.objects.values_list(*order)),
        "lines": sorted(OrderLine.objects.filter(quantity__gt=0).values_list(*line)),
        "refunds": sorted(Refund.objects.values_list("external_id", "kind", "amount")),
        "parts": sorted(RefundLine.objects.values_list(*part)),
        "facts": list(MemberFacts.objects.values_list("orders", "spend")),
        "parked": ParkedRefund.objects.count(),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", HISTORIES)
def test_every_order_of_arrival_ends_the_same(name: str) -> None:
    platform, history = HISTORIES[name]
    shop = shops.shop(platform)
    with forgotten():
        for topic, facts in history:
            hear(shop, topic, facts)
        expected = state()
    for shuffled in permutations(history):
        with forgotten():
            for topic, facts in shuffled:
                hear(shop, topic, facts)
            assert state() == expected
            for why, query in INVARIANTS.items():
                assert not offenders(query), why
