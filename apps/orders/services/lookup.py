"""What a batch of orders names and what is known of them already, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apps.core import statements
from apps.orders.rules.checks import Problem
from apps.orders.rules.intake import OrderIn

Key = tuple[str, str]
# The orders lateral, so that a large batch is probed for as a small one, never by
# reading all.
LOOK_UP = """
    with asked as (
        select * from unnest(%(sources)s::text[], %(numbers)s::text[])
            as asked (source, number)
    )
    select 'store', code, '', id, null::bigint, null::bytea
    from stores_store where code = any(%(stores)s::text[])
    union all
    select 'staff', code, '', id, null, null
    from staff_staff where code = any(%(staff)s::text[])
    union all
    select 'variant', sku, '', id, product_id, null
    from catalog_variant where sku = any(%(skus)s::text[])
    union all
    select 'cart', code, '', id, null, null
    from orders_cart where code = any(%(carts)s::text[])
    union all
    select 'order', source, number, null, null, found.digest
    from asked cross join lateral (
        select digest from orders_order
        where orders_order.source = asked.source and external_id = asked.number limit 1
    ) as found
    union all
    select distinct 'refund', source, number, null::bigint, null::bigint, null::bytea
    from asked join orders_parkedrefund as parked using (source)
    where parked.order_external_id = asked.number
    union all
    select distinct 'exchange', source, number, null::bigint, null::bigint, null::bytea
    from asked join orders_order as given using (source)
    where given.exchange_of = asked.number and given.exchange_of <> ''
"""


@dataclass(frozen=True)
class Known:
    """The rows of other rooms that a batch names, by their codes."""

    stores: Mapping[str, int] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)
    # By SKU: the variant and its product.
    variants: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    carts: Mapping[str, int] = field(default_factory=dict)

    def lack(self, order: OrderIn) -> Problem | None:
        """Return the first name of the order that nobody knows; a SKU need not be."""
        if order.store_code and order.store_code not in self.stores:
            return Problem("store_code", f"no store {order.store_code} is known")
        if order.seller_code and order.seller_code not in self.staff:
            return Problem(
                "seller_code", f"no salesperson {order.seller_code} is known"
            )
        for position, line in enumerate(order.lines):
            for code, _quantity in line.sellers:
                if code not in self.staff:
                    return Problem(
                        f"lines.{position}.sellers", f"no salesperson {code} is known"
                    )
        return None


@dataclass(frozen=True)
class Found:
    """What is known of a batch: the names it uses, and of its orders the digests.

    Refunds wait for some of the orders, and exchanges that name them.
    """

    known: Known
    digests: Mapping[Key, bytes]
    with_refunds: Collection[Key]
    with_exchanges: Collection[Key]


def look_up(batch: Sequence[OrderIn]) -> Found:
    """Return what is known; to be called with the orders held."""
    keys = list({order.key for order in batch})
    facts = {
        "stores": list({order.store_code for order in batch} - {""}),
        "staff": list(set(_sellers(batch)) - {""}),
        "skus": list({line.sku for order in batch for line in order.lines}),
        "carts": list({order.cart_code for order in batch} - {""}),
        "sources": [source for source, _number in keys],
        "numbers": [number for _source, number in keys],
    }
    rows = statements.fetch(LOOK_UP, facts, is_small=len(batch) <= statements.FEW)
    told: dict[str, list[tuple[Key, int, int, bytes]]] = {}
    for kind, name, number, pk, product, digest in rows:
        told.setdefault(kind, []).append(((name, number), pk, product, digest))
    return Found(
        Known(
            stores=_ids(told.get("store", ())),
            staff=_ids(told.get("staff", ())),
            variants={
                name: (pk, product)
                for (name, _number), pk, product, _digest in told.get("variant", ())
            },
            carts=_ids(told.get("cart", ())),
        ),
        digests={key: bytes(digest) for key, *_ids, digest in told.get("order", ())},
        with_refunds={key for key, *_rest in told.get("refund", ())},
        with_exchanges={key for key, *_rest in told.get("exchange", ())},
    )


def _sellers(batch: Sequence[OrderIn]) -> Iterator[str]:
    for order in batch:
        yield order.seller_code
        for line in order.lines:
            for code, _quantity in line.sellers:
                yield code


def _ids(rows: Sequence[tuple[Key, int, int, bytes]]) -> dict[str, int]:
    return {name: pk for (name, _number), pk, _product, _digest in rows}
