"""What a cancelled order leaves unreturned is given back: facts, credit and points then
follow the one path of refunds.

The refund of a cancellation is the rest, whatever came before it and whatever comes
late; the caller holds the orders' locks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from apps.orders.models import Order, Refund, RefundLine
from apps.orders.rules.refunds import CANCELLATION
from apps.orders.services.states import State

GIVE_BACK = """
    insert into orders_refund as refund
        (order_id, external_id, kind, refunded_at, reason, amount, received_at)
    select id, %(number)s, 'cancelled', cancelled_at, '', 0, %(now)s
    from orders_order
    where id = any(%(orders)s) and status = 'cancelled'
    order by id
    on conflict (order_id, external_id) do update
    set refunded_at = excluded.refunded_at
    where refund.refunded_at <> excluded.refunded_at
"""

# The rest of each line after what was returned; nothing is left as no row.
REST = """
    with rest as (
        select refund.id as refund_id, line.id as line_id,
               greatest(line.quantity - coalesce(sum(part.quantity), 0), 0) as quantity,
               line.net - coalesce(sum(part.amount), 0) as amount
        from orders_refund as refund
        join orders_orderline as line on line.order_id = refund.order_id
        left join (orders_refundline as part
                   join orders_refund as returned
                     on returned.id = part.refund_id and returned.kind = 'returned')
               on part.line_id = line.id
        where refund.order_id = any(%(orders)s) and refund.kind = 'cancelled'
        group by refund.id, line.id
    ), gone as (
        delete from orders_refundline as part using rest
        where part.refund_id = rest.refund_id and part.line_id = rest.line_id
          and rest.amount <= 0
    )
    insert into orders_refundline as part (refund_id, line_id, quantity, amount)
    select refund_id, line_id, quantity, amount from rest where amount > 0
    on conflict (refund_id, line_id) do update
    set quantity = excluded.quantity, amount = excluded.amount
    where (part.quantity, part.amount)
          is distinct from (excluded.quantity, excluded.amount)
"""

SUM_OF_PARTS = """
    update orders_refund as refund
    set amount = parts.amount, reversal_due_at = %(now)s
    from (
        select each.id, coalesce(sum(part.amount), 0) as amount
        from orders_refund as each
        left join orders_refundline as part on part.refund_id = each.id
        where each.order_id = any(%(orders)s) and each.kind = 'cancelled'
        group by each.id
    ) as parts
    where parts.id = refund.id and parts.amount <> refund.amount
"""

# What was refunded of an order is the sum of its refunds, whichever came when.
SUM_UP = """
    update orders_order as given
    set refunded = (
        select coalesce(sum(amount), 0) from orders_refund where order_id = given.id
    )
    where id = any(%(orders)s)
"""


def lift(recorded: Iterable[State]) -> None:
    """Take the rest back from cancelled orders whose lines are about to change."""
    orders = {
        state.order.pk: state.order
        for state in recorded
        if state.order.status == Order.Status.CANCELLED
    }
    if not orders:
        return
    rests = Refund.objects.filter(order__in=orders, kind=Refund.Kind.CANCELLED)
    RefundLine.objects.filter(refund__in=rests).delete()
    rests.update(amount=0)
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP, {"orders": list(orders)})
    left = Order.objects.filter(pk__in=orders).values_list("pk", "refunded")
    for pk, refunded in left:
        orders[pk].refunded = refunded


def settle(order_ids: Collection[int], *, now: datetime) -> None:
    """Give back the rest of those that are cancelled, and sum up all their refunds."""
    if not order_ids:
        return
    facts: dict[str, Any] = {
        "orders": sorted(order_ids),
        "now": now,
        "number": CANCELLATION,
    }
    with connection.cursor() as cursor:
        for statement in (GIVE_BACK, REST, SUM_OF_PARTS, SUM_UP):
            cursor.execute(statement, facts)
