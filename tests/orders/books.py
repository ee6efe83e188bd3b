"""A brand for a till's file, and all that orders left in it, without its own ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.db import connection

from apps.catalog.models import Category, Product, Variant
from apps.core import clock
from apps.loyalty.models import PointRule, Tier
from apps.members.models import Identity
from apps.orders import services as orders
from apps.staff.models import Staff
from apps.stores.models import Store
from tests import make
from tests.bench import database, order_file

MEMBERS = 40
UNTIL = clock.now() - timedelta(hours=1)
BOOKS = (
    """select o.external_id, o.channel, o.placed_at, o.paid_at, o.status, o.net,
        o.discount, o.refunded, o.digest, o.credit_due_at is null, o.matched_by,
        s.code, p.code, m.phone
       from orders_order as o left join stores_store as s on s.id = o.store_id
       left join staff_staff as p on p.id = o.seller_id
       left join members_member as m on m.id = o.member_id order by o.external_id""",
    """select o.external_id, l.external_id, l.position, l.sku, l.name, l.product_id,
        l.variant_id, l.quantity, l.unit_price, l.net, l.tax
       from orders_orderline as l join orders_order as o on o.id = l.order_id
       order by o.external_id, l.external_id""",
    """select m.phone, m.stage, m.entry, f.orders, f.spend, f.spend_12m,
        f.first_order_at, f.last_order_at, f.largest_order, f.shopping_days, t.code
       from members_member as m
       left join members_memberfacts as f on f.member_id = m.id
       left join loyalty_standing as g on g.member_id = m.id
       left join loyalty_tier as t on t.id = g.tier_id order by m.phone""",
    """select m.phone, k.store_id, k.n, k.last_at, k.net from orders_memberstore as k
       join members_member as m on m.id = k.member_id order by 1, 2""",
    """select m.phone, k.category_id, k.n, k.last_at, k.net
       from orders_membercategory as k
       join members_member as m on m.id = k.member_id order by 1, 2""",
    """select m.phone, e.kind, e.points, e.source_type from loyalty_pointentry as e
       join members_member as m on m.id = e.member_id order by 1, 2, 3""",
)
# Whatever writes a row, even with what it held, changes its version.
VERSIONS = "select '{0}', count(*), coalesce(sum(xmin::text::bigint), 0) from {0}"
WRITTEN = [
    "orders_order", "orders_orderline", "members_member", "members_identity",
    "members_memberfacts", "orders_memberstore", "orders_membercategory",
    "loyalty_standing", "loyalty_pointentry", "loyalty_pointaccount",
]  # fmt: skip


def brand() -> None:
    """Make the stores, people, goods and members that `order_file` tells of."""
    region = make.region()
    Store.objects.bulk_create(
        Store(code=f"b{n}", name=f"店 {n}", region=region)
        for n in range(1, database.STORES + 1)
    )
    Staff.objects.bulk_create(
        Staff(code=f"b{n}", name=f"店員 {n}") for n in range(1, database.STAFF + 1)
    )
    category = Category.objects.create(slug="all", name="全部")
    goods = Product.objects.bulk_create(
        Product(code=f"b{n}", name=f"商品 {n}", category=category, price=390)
        for n in range(1, database.PRODUCTS + 1)
    )
    Variant.objects.bulk_create(
        Variant(sku=f"b-{n}", product=each) for n, each in enumerate(goods, start=1)
    )
    Tier.objects.create(code="gold", name="金卡", threshold=5_000)
    PointRule.objects.create(
        starts_on=date(2024, 1, 1), spend_per_point=100, created_at=clock.now()
    )
    for n in range(1, MEMBERS + 1):
        member = make.member(f"顧客 {n}", phone=database.phone_of(n))
        Identity.objects.create(
            member=member,
            kind=Identity.Kind.PHONE,
            value=database.phone_of(n),
            created_at=UNTIL,
        )


def file(path: Path, lines: int) -> Path:
    """Return a till's file of so many lines."""
    return order_file.write(path, lines, MEMBERS, until=UNTIL)


def sales(lines: int) -> Iterator[orders.OrderIn]:
    """Yield the same orders as a shop sends them through the API."""
    for sale in order_file.sales(lines, MEMBERS, until=UNTIL):
        yield sale.told()


def told() -> list[list[tuple[object, ...]]]:
    """Return all that is in the books."""
    return [_ask(each) for each in BOOKS]


def versions() -> list[tuple[object, ...]]:
    """Return what tells whether any row was written, even with what it held."""
    return _ask(" union all ".join(VERSIONS.format(table) for table in WRITTEN))


def _ask(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [
            tuple(bytes(x) if isinstance(x, memoryview) else x for x in row)
            for row in cursor.fetchall()
        ]
