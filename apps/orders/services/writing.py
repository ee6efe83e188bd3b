"""Write newer versions of orders over what is recorded of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from apps.orders.models import Order, OrderLine
from apps.orders.rules.intake import Priced
from apps.orders.services import rows, sellers
from apps.orders.services.lookup import Key, Known
from apps.orders.services.rows import Owner
from apps.orders.services.states import State

# A statement of more rows takes more memory and no less time.
ROWS_A_STATEMENT = 500
# What a newer version never changes comes first: these are the columns that it may.
FIRST_CHANGING = list(rows.ORDER_COLUMNS).index("channel")


def change(
    changed: Sequence[Priced],
    owners: Mapping[Key, Owner],
    known: Known,
    recorded: Mapping[Key, State],
    *,
    now: datetime,
) -> list[int]:
    """Write newer versions over what is recorded; return the orders' ids."""
    if not changed:
        return []
    orders = [recorded[each.order.key].order for each in changed]
    names = list(rows.ORDER_COLUMNS)[FIRST_CHANGING:]
    line_names = list(rows.LINE_COLUMNS)[1:]
    for order, each in zip(orders, changed, strict=True):
        row = rows.order_row(each, owners[each.order.key], known, now)
        for name, value in zip(names, row[FIRST_CHANGING - 1 :], strict=True):
            setattr(order, name, value)
    Order.objects.bulk_create(
        orders,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=[name.removesuffix("_id") for name in names],
        batch_size=ROWS_A_STATEMENT,
    )
    OrderLine.objects.bulk_create(
        [
            OrderLine(order=order, **dict(zip(line_names, row, strict=True)))
            for order, each in zip(orders, changed, strict=True)
            for row in rows.line_rows(each, known)
        ],
        update_conflicts=True,
        unique_fields=["order", "external_id"],
        update_fields=[name.removesuffix("_id") for name in line_names[1:]],
        batch_size=ROWS_A_STATEMENT,
    )
    _empty_lines_taken_out(changed, recorded)
    ids = [order.pk for order in orders]
    sellers.write(changed, ids, known.staff, rewritten=True)
    return ids


def _empty_lines_taken_out(
    changed: Collection[Priced], recorded: Mapping[Key, State]
) -> None:
    gone = [
        line.pk
        for each in changed
        for line in recorded[each.order.key].lines.values()
        if line.external_id not in {kept.external_id for kept in each.order.lines}
    ]
    if gone:
        OrderLine.objects.filter(pk__in=gone).update(
            quantity=0, discount=0, net=0, tax=0
        )
