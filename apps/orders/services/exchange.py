"""Goods given for goods that came back: who sold the first sold the second.

The source reverses the first by a refund and sends an order that names it. A seller
whom the source states stands; without one it is the first order's, whichever of the
two came first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

ADOPT = """
    update orders_order as given
    set seller_id = first.seller_id, credit_due_at = %(now)s
    from orders_order as first
    where first.source = given.source and first.external_id = given.exchange_of
      and given.exchange_of <> '' and given.seller_id is null
      and first.seller_id is not null
      and (given.id = any(%(orders)s) or first.id = any(%(orders)s))
"""


def adopt_sellers(order_ids: Collection[int], *, now: datetime) -> None:
    """Give exchanges among the orders, or of them, the seller of what came back."""
    with connection.cursor() as cursor:
        cursor.execute(ADOPT, {"orders": sorted(order_ids), "now": now})
