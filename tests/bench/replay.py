"""The same batch a second time, beside its first; no row may change by it.

The batch was recorded for good by the bench's first run; its copy under other numbers
is sent for the first time again and again, and taken back.
"""

from __future__ import annotations

from apps.orders import services as orders
from apps.orders.models import Order
from tests.bench import batches, database, loading
from tests.bench.harness import Row, compare

SOURCE = "bench-replay"
VERSIONS = """
    select (select count(*) || ':' || sum(xmin::text::bigint) || ':' || max(ctid::text)
            from orders_order where source = %s),
           (select count(*) || ':' || sum(line.xmin::text::bigint)
            from orders_orderline as line
            join orders_order as o on o.id = line.order_id where o.source = %s),
           (select count(*) || ':' || sum(xmin::text::bigint)
            from members_memberfacts)
"""


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return how long a replay takes over the first send."""
    database.fill(members)
    batches.rule()
    count = batches.ORDERS
    told = batches.batch(f"{SOURCE}-{count}", members)
    first = batches.batch("bench-first", members)
    if not Order.objects.filter(source=told[0].source).exists():
        orders.record(told, now=database.NOW)
    before = loading.execute(VERSIONS, [told[0].source] * 2)

    def work() -> None:
        answers = orders.record(told, now=database.NOW)
        assert all(answer.status == "unchanged" for answer in answers)

    def floor() -> None:
        orders.record(first, now=database.NOW)

    row = compare(
        f"replay, {count} orders",
        work,
        batches.undone(floor),
        target="<= 0.5, no row changed",
        pairs=pairs,
    )
    assert loading.execute(VERSIONS, [told[0].source] * 2) == before
    return [row]
