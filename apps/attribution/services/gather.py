"""The facts of a batch of orders, in a number of queries that does not grow with it.

Rows are read as tuples and not as models: a quarter of a brand is millions of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from apps.attribution.rules import (
    BindingFacts,
    LineFacts,
    OrderFacts,
    TouchFacts,
)
from apps.attribution.services import evidence
from apps.attribution.services.evidence import Row
from apps.attribution.services.people import People
from apps.core import clock
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff.models import Staff

# Touches this much older than any window, or this much younger than the order, are
# kept with the decision as candidates that came too early or too late.
TOO_EARLY, TOO_LATE = timedelta(days=14), timedelta(days=1)
NO_PLACE = sys.maxsize  # an order's own link that was no touch loses every tie
NOBODYS: frozenset[str] = frozenset()


class OrderRow(NamedTuple):
    """What is read of an order."""

    id: int
    placed_at: datetime
    channel: str
    store_id: int | None
    seller_id: int | None
    member_id: int | None
    ship_to: str

    @property
    def is_online(self) -> bool:
        """Tell whether it was not placed in a store."""
        return self.channel != Order.Channel.STORE


class LineRow(NamedTuple):
    """What is read of an order line; `net` in NT$."""

    id: int
    net: int
    facts: LineFacts


class BondRow(NamedTuple):
    """What is read of a bond, after the member's key."""

    id: int
    staff_id: int
    store_id: int | None
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """An order with all that its lines' decisions are made from."""

    order: OrderRow
    lines: Sequence[LineRow]
    facts: OrderFacts
    touches: Sequence[TouchFacts]
    bindings: Sequence[BindingFacts]


def rows_of(orders: OrderQuerySet) -> list[OrderRow]:
    """Read the orders, in their order."""
    return [OrderRow(*row) for row in orders.values_list(*OrderRow._fields)]


def locked(order_ids: Sequence[int]) -> list[OrderRow]:
    """Read the orders by their keys, and hold them."""
    return [OrderRow(*row) for row in _read(evidence.LOCKED, list(order_ids))]


def facts_of(orders: Sequence[OrderRow], *, window: timedelta) -> list[Gathered]:
    """Return the facts of the orders; `window` is the longest of any policy."""
    ids = [order.id for order in orders]
    members = list({order.member_id for order in orders if order.member_id})
    touches, lines, bonds, sold = (
        _touches(ids, window), _lines(ids), _bonds(members), _sold(ids)
    )  # fmt: skip
    days = {order.id: clock.day_of(order.placed_at) for order in orders}
    involved = {row[3] for own in touches.values() for row in own}
    involved |= {order.seller_id for order in orders if order.seller_id}
    involved |= {bond.staff_id for own in bonds.values() for bond in own}
    involved |= {staff for own in sold.values() for staff, _units in own}
    people = People(involved, days.values())
    phones, emails = _reached(members)
    return [
        Gathered(
            order,
            _with_sellers(lines[order.id], sold, people, days[order.id]),
            OrderFacts(
                order.placed_at,
                order.is_online,
                people.on(order.seller_id, days[order.id]) if order.seller_id else None,
                order.id,
                order.store_id,
                phones.get(order.member_id, NOBODYS),
                emails.get(order.member_id, NOBODYS),
                order.ship_to,
            ),
            _touch_facts(touches.get(order.id, ()), people, days[order.id]),
            _bond_facts(order, bonds.get(order.member_id, ()), people, days[order.id]),
        )
        for order in orders
    ]


def _read(sql: str, facts: list[int] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows; moments in UTC, read by the driver's own loader, not Django's.

    Django's is written in Python and would take as long as the query.
    """
    with connection.cursor() as cursor:
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(sql, facts if isinstance(facts, dict) else [facts])
        return list(cursor.fetchall())


def _touches(ids: list[int], window: timedelta) -> dict[int, list[Row]]:
    """Return what may have earned each order; what is told twice is taken once."""
    facts = {
        "ids": ids,
        "back": (window + TOO_EARLY).total_seconds(),
        "ahead": TOO_LATE.total_seconds(),
        "serving": [Staff.Role.SALESPERSON.value, Staff.Role.MANAGER.value],
        "kinds": evidence.KINDS,
        "no_place": NO_PLACE,
    }
    by_order: dict[int, list[Row]] = defaultdict(list)
    for row in _read(evidence.TOUCHES, facts):
        by_order[row[0]].append(row)
    for sql in (evidence.REFERENCED, evidence.CARTS, evidence.COUPONS):
        for row in _read(sql, facts):
            own = by_order[row[0]]
            if row[7:9] not in {known[7:9] for known in own}:
                own.append(row)
    return by_order


def _lines(ids: list[int]) -> dict[int, list[LineRow]]:
    by_order: dict[int, list[LineRow]] = defaultdict(list)
    for order, pk, net, product, sku, quantity in _read(evidence.LINES, ids):
        facts = LineFacts(pk, product, sku, quantity)
        by_order[order].append(LineRow(pk, net, facts))
    return by_order


def _sold(ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    """Return who sold how many units of each line, where the till told them apart."""
    by_line: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for line, staff, units in _read(evidence.SOLD, ids):
        by_line[line].append((staff, units))
    return by_line


def _with_sellers(
    lines: Sequence[LineRow],
    sold: dict[int, list[tuple[int, int]]],
    people: People,
    day: date,
) -> Sequence[LineRow]:
    if not sold:
        return lines
    return [
        line._replace(
            facts=line.facts._replace(
                sellers=tuple((people.on(who, day), n) for who, n in sold[line.id])
            )
        )
        if line.id in sold
        else line
        for line in lines
    ]


def _bonds(members: list[int]) -> dict[int | None, list[BondRow]]:
    by_member: dict[int | None, list[BondRow]] = defaultdict(list)
    for member, *bond in _read(evidence.BONDS, members):
        by_member[member].append(BondRow(*bond))
    return by_member


def _reached(
    members: list[int],
) -> tuple[dict[int | None, frozenset[str]], dict[int | None, frozenset[str]]]:
    """Return every telephone number and e-mail by which the members are known."""
    phones: dict[int | None, frozenset[str]] = {}
    emails: dict[int | None, frozenset[str]] = {}
    kinds = {"phone": phones, "email": emails}
    for member, kind, value in _read(evidence.REACHED, {"members": members}):
        known = kinds[kind]
        known[member] = known.get(member, NOBODYS) | {value}
    return phones, emails


def _touch_facts(rows: Sequence[Row], people: People, day: date) -> list[TouchFacts]:
    on = people.on
    return [
        TouchFacts(pk, kind, on(staff, day), at, store, product, proof, proof_id, sku)
        for _o, pk, kind, staff, store, product, at, proof, proof_id, sku in rows
    ]


def _bond_facts(
    order: OrderRow, bonds: Iterable[BondRow], people: People, day: date
) -> list[BindingFacts]:
    latest = order.placed_at + TOO_LATE
    return [
        BindingFacts(
            bond.id,
            people.on(bond.staff_id, day),
            bond.store_id,
            bond.starts_at,
            bond.ends_at,
        )
        for bond in bonds
        if bond.starts_at < latest
    ]
