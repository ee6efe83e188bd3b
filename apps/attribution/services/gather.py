"""The facts of a batch of orders, in a number of queries that does not grow with it.

Rows are read as tuples and not as models: a quarter of a brand is millions of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.db import connection

from apps.attribution.rules import (
    BindingFacts,
    LineFacts,
    OrderFacts,
    StaffFacts,
    TouchFacts,
)
from apps.attribution.services import evidence
from apps.attribution.services.evidence import Row
from apps.core import clock
from apps.members.models import Binding, Identity, Member
from apps.orders.models import LineSeller, Order, OrderLine
from apps.orders.querysets import OrderQuerySet
from apps.staff.models import Posting, Staff

# Touches this much older than any window, or this much younger than the order, are
# kept with the decision as candidates that came too early or too late.
TOO_EARLY, TOO_LATE = timedelta(days=14), timedelta(days=1)
NO_PLACE = sys.maxsize  # an order's own link that was no touch loses every tie


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
    """What is read of a bond."""

    id: int
    member_id: int
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
    """Read the orders, in their order and under their lock."""
    return [OrderRow(*row) for row in orders.values_list(*OrderRow._fields)]


def facts_of(orders: Sequence[OrderRow], *, window: timedelta) -> list[Gathered]:
    """Return the facts of the orders; `window` is the longest of any policy."""
    touches = _touch_rows([order.id for order in orders], window)
    members = {order.member_id for order in orders if order.member_id}
    lines, bonds, sold = _lines(orders), _bonds(members), _sold(orders)
    people = {row[3] for row in touches} | {order.seller_id for order in orders}
    people |= {bond.staff_id for own in bonds.values() for bond in own}
    people |= {staff for own in sold.values() for staff, _units in own}
    staff = _Staff(person for person in people if person)
    phones, emails = _reached(members)
    by_order: dict[int, list[Row]] = defaultdict(list)
    for row in touches:
        by_order[row[0]].append(row)
    found = []
    for order in orders:
        day = clock.day_of(order.placed_at)
        seller, member = order.seller_id, order.member_id
        facts = OrderFacts(
            order.placed_at,
            order.is_online,
            staff.on(seller, day) if seller else None,
            order.id,
            order.store_id,
            phones.get(member, NOBODYS),
            emails.get(member, NOBODYS),
            order.ship_to,
        )
        found.append(
            Gathered(
                order,
                _with_sellers(lines[order.id], sold, staff, day),
                facts,
                _touch_facts(by_order[order.id], staff, day),
                _bond_facts(order, bonds[member], staff, day) if member else (),
            )
        )
    return found


NOBODYS: frozenset[str] = frozenset()


def _touch_rows(ids: list[int], window: timedelta) -> list[Row]:
    facts: dict[str, object] = {
        "ids": ids,
        "back": (window + TOO_EARLY).total_seconds(),
        "ahead": TOO_LATE.total_seconds(),
        "serving": [Staff.Role.SALESPERSON.value, Staff.Role.MANAGER.value],
        "kinds": evidence.KINDS,
        "no_place": NO_PLACE,
    }
    with connection.cursor() as cursor:
        cursor.execute(evidence.TOUCHES, facts)
        rows: list[Row] = cursor.fetchall()
        own: list[Row] = []
        for sql in (evidence.REFERENCED, evidence.CARTS, evidence.COUPONS):
            cursor.execute(sql, facts)
            own += cursor.fetchall()
    if not own:
        return rows
    known = {(row[0], row[7], row[8]) for row in rows}
    return rows + [row for row in own if (row[0], row[7], row[8]) not in known]


def _lines(orders: Sequence[OrderRow]) -> dict[int, list[LineRow]]:
    by_order: dict[int, list[LineRow]] = defaultdict(list)
    wanted = OrderLine.objects.filter(order__in=[order.id for order in orders])
    for order, pk, net, product, sku, quantity in wanted.order_by(
        "order_id", "position"
    ).values_list("order_id", "pk", "net", "product_id", "sku", "quantity"):
        facts = LineFacts(pk, product, sku, quantity)
        by_order[order].append(LineRow(pk, net, facts))
    return by_order


def _sold(orders: Sequence[OrderRow]) -> dict[int, list[tuple[int, int]]]:
    """Return who sold how many units of each line, where the till told them apart."""
    by_line: dict[int, list[tuple[int, int]]] = defaultdict(list)
    in_stores = [order.id for order in orders if not order.is_online]
    sold = LineSeller.objects.filter(line__order__in=in_stores).order_by("staff_id")
    for line, staff, units in sold.values_list("line_id", "staff_id", "quantity"):
        by_line[line].append((staff, units))
    return by_line


def _with_sellers(
    lines: Sequence[LineRow],
    sold: dict[int, list[tuple[int, int]]],
    staff: _Staff,
    day: date,
) -> Sequence[LineRow]:
    if not sold:
        return lines
    return [
        line._replace(
            facts=line.facts._replace(
                sellers=tuple((staff.on(person, day), n) for person, n in sold[line.id])
            )
        )
        if line.id in sold
        else line
        for line in lines
    ]


def _bonds(members: set[int]) -> dict[int, list[BondRow]]:
    by_member: dict[int, list[BondRow]] = defaultdict(list)
    own = Binding.objects.filter(member__in=members)
    for pk, member, staff, store, period in own.values_list(
        "pk", "member_id", "staff_id", "store_id", "period"
    ):
        bond = BondRow(pk, member, staff, store, period.lower, period.upper)
        by_member[member].append(bond)
    return by_member


def _reached(
    members: set[int],
) -> tuple[dict[int | None, frozenset[str]], dict[int | None, frozenset[str]]]:
    """Return every telephone number and e-mail by which the members are known."""
    phones: dict[int | None, set[str]] = defaultdict(set)
    emails: dict[int | None, set[str]] = defaultdict(set)
    kinds = {Identity.Kind.PHONE.value: phones, Identity.Kind.EMAIL.value: emails}
    own = Identity.objects.filter(kind__in=list(kinds), member__in=members)
    for member, kind, value in own.values_list("member_id", "kind", "value"):
        kinds[kind][member].add(value)
    named = Member.objects.filter(pk__in=members)
    for member, phone, email in named.values_list("pk", "phone", "email"):
        if phone:
            phones[member].add(phone)
        if email:
            emails[member].add(email)
    return (
        {member: frozenset(known) for member, known in phones.items()},
        {member: frozenset(known) for member, known in emails.items()},
    )


class _Staff:
    """The people of a batch, as they were on the day of an order."""

    def __init__(self, ids: Iterable[int]) -> None:
        people = Staff.objects.filter(pk__in=set(ids))
        self._people = {person.pk: person for person in people}
        self._postings: dict[int, list[Posting]] = defaultdict(list)
        for posting in Posting.objects.filter(staff__in=self._people):
            self._postings[posting.staff_id].append(posting)
        self.on = cache(self._on)

    def _on(self, staff_id: int, day: date) -> StaffFacts:
        person = self._people[staff_id]
        serving = [
            posting
            for posting in self._postings[staff_id]
            if posting.starts_on <= day
            and (not posting.ends_on or day < posting.ends_on)
        ]
        serving.sort(key=lambda posting: (not posting.is_main, posting.starts_on))
        return StaffFacts(
            staff_id,
            person.phone,
            _active_until(person),
            serving[0].store_id if serving else None,
            person.email,
            person.address,
        )


def _active_until(person: Staff) -> datetime | None:
    """Return the first moment after the last day of work; None while it goes on."""
    if person.left_on:
        return clock.end_of(person.left_on)
    return None if person.is_active else datetime.min.replace(tzinfo=UTC)


def _touch_facts(rows: Sequence[Row], staff: _Staff, day: date) -> list[TouchFacts]:
    on = staff.on
    return [
        TouchFacts(pk, kind, on(person, day), at, store, product, proof, proof_id, sku)
        for _o, pk, kind, person, store, product, at, proof, proof_id, sku in rows
    ]


def _bond_facts(
    order: OrderRow, bonds: Sequence[BondRow], staff: _Staff, day: date
) -> list[BindingFacts]:
    latest = order.placed_at + TOO_LATE
    return [
        BindingFacts(
            bond.id,
            staff.on(bond.staff_id, day),
            bond.store_id,
            bond.starts_at,
            bond.ends_at,
        )
        for bond in bonds
        if bond.starts_at < latest
    ]
