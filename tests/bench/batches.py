"""Orders as they come in, for the benches of the intake, and the floor they stand on.

Whoever measures rolls back: `undone` runs the work in a transaction, checks what the
database checks at a commit, and takes it all back.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from apps.loyalty.models import PointRule
from apps.orders import services as orders
from tests.bench import database, loading
from tests.bench.database import NOW, PRODUCTS

SPEND_PER_POINT = 100  # NT$
# The bench's promise is of 50,000 orders; CI keeps it working with fewer.
ORDERS = int(os.environ.get("BENCH_INTAKE", "50000"))
COLUMNS = {
    "orders_order": (
        "id", "source", "external_id", "channel", "member_id", "placed_at", "paid_at",
        "status", "goods", "discount", "shipping", "net", "refunded", "tax", "ship_to",
        "exchange_of", "points_used", "points_discount", "coupons", "reference",
        "digest", "credit_due_at", "received_at",
    ),
    "orders_orderline": (
        "order_id", "external_id", "position", "sku", "name", "variant_id",
        "product_id", "quantity", "unit_price", "discount", "net", "tax",
    ),
}  # fmt: skip
TOLD = """
    select count(*), sum(net), count(distinct member_id),
           (select count(*) || ':' || sum(line.net) from orders_orderline as line
            join orders_order as o on o.id = line.order_id where o.source = %s)
    from orders_order where source = %s
"""


def batch(
    source: str, members: int, *, count: int = 0, seed: int = 1
) -> list[orders.OrderIn]:
    """Return paid orders of the brand's members, with 2.5 lines each."""
    chance = random.Random(seed)
    return [
        _order(source, number, members, chance) for number in range(count or ORDERS)
    ]


def _order(
    source: str, number: int, members: int, chance: random.Random
) -> orders.OrderIn:
    at = NOW - timedelta(seconds=number)
    phone = database.phone_of(chance.randint(1, members))
    lines = tuple(
        orders.LineIn(str(place), f"b-{chance.randint(1, PRODUCTS)}", "商品", 1, 500)
        for place in range(1, chance.randint(1, 4) + 1)
    )
    return orders.OrderIn(
        source,
        str(number),
        "web",
        at,
        lines,
        paid_at=at,
        customer=orders.CustomerIn("顧客", phone=phone),
    )


def member_of(order: orders.OrderIn) -> int:
    """Return the id of the member whose order it is."""
    return int(order.customer.phone[5:])


def rule() -> int:
    """Return the rule by which the brand's purchases earn points, made if it is not."""
    kept, _is_new = PointRule.objects.get_or_create(
        starts_on=date(2020, 1, 1),
        defaults={"spend_per_point": SPEND_PER_POINT, "created_at": database.NOW},
    )
    return kept.pk


def rows_of(taken: Sequence[orders.OrderIn]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the same orders as rows that only have to be copied in."""
    first = 1 << 40  # behind every id that was given
    sold: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    for pk, order in enumerate(taken, start=first):
        net = sum(line.cost for line in order.lines)
        sold.append(
            (pk, order.source, order.external_id, order.channel,
             member_of(order), order.placed_at, order.paid_at, "paid",
             net, 0, 0, net, 0, 0, "", "", 0, 0, [], "", b"x" * 32, NOW, NOW)
        )  # fmt: skip
        for place, line in enumerate(order.lines, start=1):
            product = int(line.sku[2:])
            lines.append(
                (pk, line.external_id, place, line.sku, line.name, product, product,
                 line.quantity, line.unit_price, 0, line.cost, 0)
            )  # fmt: skip
    return {"orders_order": sold, "orders_orderline": lines}


def copy_in(rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """Copy the rows into their tables: nothing is looked up, nothing follows."""
    with connection.cursor() as cursor:
        for table, values in rows.items():
            statement = f"copy {table} ({', '.join(COLUMNS[table])}) from stdin"
            with cursor.copy(statement) as copy:
                for row in values:
                    copy.write_row(row)


def undone(work: Callable[[], object]) -> Callable[[], None]:
    """Return the work in a transaction that is taken back."""

    def run() -> None:
        with taken_back():
            work()

    return run


@contextmanager
def taken_back() -> Iterator[None]:
    """Check the constraints as a commit would, then take everything back."""
    with transaction.atomic():
        yield
        loading.execute("set constraints all immediate")
        transaction.set_rollback(True)


def told(source: str) -> list[tuple[object, ...]]:
    """Return the sums of a source's orders, for comparing two ways of writing them."""
    return loading.execute(TOLD, [source, source])
