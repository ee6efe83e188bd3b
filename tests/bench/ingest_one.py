"""One order at a time with all that follows, beside its bare inserts and a commit."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from django.db import connection, transaction

from apps.orders import services as orders
from tests.bench import batches, database
from tests.bench.harness import Row, compare

SOURCE = "bench-one"
A_CALL = 25

INSERT = {
    table: f"insert into {table} ({', '.join(columns)})"  # noqa: S608  (our own names)
    f" values ({', '.join(['%s'] * len(columns))})"
    for table, columns in batches.COLUMNS.items()
}
TIDY = """
    set local session_replication_role = replica;
    delete from orders_orderline using orders_order as o
    where o.id = order_id and o.source in ('bench-one', 'bench-bare');
    delete from orders_order where source in ('bench-one', 'bench-bare');
    truncate django_q_ormq;
"""


def run(pairs: int = 7, members: int = 10_000) -> list[Row]:
    """Return how long an order takes over its inserts."""
    database.fill(members)
    numbers = count(1)
    like = batches.batch(SOURCE, members, count=1)[0]
    bare = replace(like, source="bench-bare")
    member = int(like.customer.phone[5:])

    def work() -> None:
        for _time in range(A_CALL):
            order = replace(like, external_id=str(next(numbers)))
            (answer,) = orders.record([order], now=database.NOW)
            assert answer.status == "new"

    def floor() -> None:
        for _time in range(A_CALL):
            number = next(numbers)
            rows = batches.rows_of([replace(bare, external_id=str(number))])
            with transaction.atomic(), connection.cursor() as cursor:
                for table, values in rows.items():
                    for row in values:
                        pk = row[0] + number
                        cursor.execute(INSERT[table], [pk, *row[1:]])

    row = compare("ingest_one", work, floor, target="<= 6", pairs=pairs)
    with transaction.atomic():
        database.execute(TIDY)
        orders.refresh_members([member], now=database.NOW)
    return [row]
