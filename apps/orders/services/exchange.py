"""Goods given for goods that came back: who sold the first sold the second.

The source reverses the first by a refund and sends an order that names it. A seller
whom the source states stands; without one it is the first order's, whichever of the
two came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from apps.orders.rules.intake import OrderIn

ADOPT = """
    with told as (
        select * from unnest(%(sources)s::text[], %(numbers)s::text[])
            as told (source, number)
    ), waiting as (
        select given.id from orders_order as given
        join unnest(%(exchange_sources)s::text[], %(exchange_numbers)s::text[])
            as named (source, number)
          on given.source = named.source and given.external_id = named.number
        union
        select given.id from orders_order as given
        join told on given.source = told.source and given.exchange_of = told.number
        where given.exchange_of <> ''
    )
    update orders_order as given
    set seller_id = first.seller_id, credit_due_at = %(now)s
    from waiting, orders_order as first
    where waiting.id = given.id
      and first.source = given.source and first.external_id = given.exchange_of
      and given.exchange_of <> '' and given.seller_id is null
      and first.seller_id is not null
"""


def adopt_sellers(told: Sequence[OrderIn], *, now: datetime) -> None:
    """Give exchanges among the orders, or of them, the seller of what came back."""
    exchanges = [order for order in told if order.exchange_of]
    with connection.cursor() as cursor:
        cursor.execute(
            ADOPT,
            {
                "sources": [order.source for order in told],
                "numbers": [order.external_id for order in told],
                "exchange_sources": [order.source for order in exchanges],
                "exchange_numbers": [order.external_id for order in exchanges],
                "now": now,
            },
        )
