"""Say of orders what loyalty asks: what is left of each, and of which categories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from apps.loyalty import services as loyalty
from apps.orders.models import Order, OrderLine


def follow(order_ids: Collection[int], *, now: datetime) -> int:
    """Let points follow the orders as they are now; return how many changed."""
    if not order_ids:
        return 0
    left: dict[int, dict[int, int]] = defaultdict(dict)
    if loyalty.excludes_categories():
        left = _left_by_category(order_ids)
    rows = Order.objects.filter(pk__in=order_ids).values_list(
        "pk", "source", "external_id", "member_id", "channel", "placed_at", "paid_at",
        F("net") - F("refunded"),
    )  # fmt: skip
    purchases = [loyalty.Purchase(*row, left.get(row[0], {})) for row in rows]
    return loyalty.follow_purchases(purchases, now=now)


def _left_by_category(order_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Return what is left of each order's lines (NT$) by their category."""
    left: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    lines = (
        OrderLine.objects.filter(order__in=order_ids, product__isnull=False)
        .annotate(back=Coalesce(Sum("refunds__amount"), 0))
        .values_list("order_id", "product__category_id", F("net") - F("back"))
    )
    for order_id, category_id, amount in lines.order_by():
        left[order_id][category_id] += amount
    return left
