"""Keep who sold how many units of a line, where a till says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.orders.models import LineSeller, OrderLine
from apps.orders.rules.intake import Priced

AT_ONCE = 1_000


def write(
    told: Sequence[Priced],
    order_ids: Sequence[int],
    staff: Mapping[str, int],
    *,
    rewritten: bool,
) -> None:
    """Write the sellers of the orders' lines; `rewritten` ones lose those they had.

    Orders whose lines name nobody cost no statement, unless they are rewritten.
    """
    if rewritten and order_ids:
        LineSeller.objects.filter(line__order__in=order_ids).delete()
    sold = {
        (order_id, priced.line.external_id): priced.line.sellers
        for order_id, each in zip(order_ids, told, strict=True)
        for priced in each.lines
        if priced.line.sellers
    }
    if not sold:
        return
    lines = OrderLine.objects.filter(order__in={order_id for order_id, _line in sold})
    LineSeller.objects.bulk_create(
        (
            LineSeller(line_id=pk, staff_id=staff[code], quantity=quantity)
            for pk, order_id, line in lines.values_list("pk", "order_id", "external_id")
            for code, quantity in sold.get((order_id, line), ())
        ),
        batch_size=AT_ONCE,
    )
