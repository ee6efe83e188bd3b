"""The orders behind a figure of the report, so that it can be counted again by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db import connection

from apps.orders.models import Order
from apps.reports.reports.conversations import statements
from apps.reports.reports.conversations.shapes import Scope

CREDITED, INFLUENCED = FIGURES = ("orders", "influence")
A_PAGE = 50

BEHIND = {
    CREDITED: f"""
        select f.order_id, sum(f.amount), sum(f.back) from ({statements.CREDITED}) f
        where f.is_online and {statements.IN_SCOPE}
        group by f.order_id order by f.order_id desc
    """,  # noqa: S608
    INFLUENCED: f"""
        select distinct f.order_id, f.net, 0 from ({statements.INFLUENCED}) f
        where {statements.IN_SCOPE} order by f.order_id desc
    """,  # noqa: S608
}


@dataclass(frozen=True)
class Behind:
    """An order and how much of it the figure counts (NT$)."""

    order: Order
    credited: int
    refunded: int

    @property
    def net(self) -> int:
        """Return what is left after refunds."""
        return self.credited - self.refunded


@dataclass(frozen=True)
class OrdersBehind:
    """A page of the orders, and what all of them come to."""

    page: Page[tuple[int, int, int]]
    rows: tuple[Behind, ...]
    total: int


def orders_behind(scope: Scope, figure: str, *, number: str | None) -> OrdersBehind:
    """Return the orders that the figure counts, the newest first, a page at a time."""
    with connection.cursor() as cursor:
        cursor.execute(BEHIND[figure], scope.params)
        found = [(pk, int(amount), int(back)) for pk, amount, back in cursor.fetchall()]
    listed = Paginator(found, A_PAGE).get_page(number)
    orders = Order.objects.select_related("member", "store").in_bulk(
        [pk for pk, _amount, _back in listed]
    )
    rows = tuple(Behind(orders[pk], amount, back) for pk, amount, back in listed)
    return OrdersBehind(listed, rows, sum(amount - back for _pk, amount, back in found))
