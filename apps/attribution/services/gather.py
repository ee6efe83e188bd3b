"""The facts of a batch of orders, in a number of queries that does not grow with it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.db import connection

from apps.attribution.rules import BindingFacts, LineFacts, StaffFacts, TouchFacts
from apps.core import clock
from apps.members.models import Binding, Identity, Member
from apps.orders.models import Order, OrderLine
from apps.staff.models import Posting, Staff

# Touches this much older than any window, or this much younger than the order, are
# kept with the decision as candidates that came too early or too late.
TOO_EARLY, TOO_LATE = timedelta(days=14), timedelta(days=1)
NO_PLACE = sys.maxsize  # an order's own link that was no touch loses every tie

TOUCHES = """
    select o.id, t.id, t.kind, t.staff_id, t.store_id, t.product_id, t.at,
           t.evidence_type, t.evidence_id
    from orders_order o
    cross join lateral (
        select * from attribution_touch t
        where t.member_id = o.member_id
          and t.at >= o.placed_at - make_interval(secs => %(back)s)
          and t.at < o.placed_at + make_interval(secs => %(ahead)s)
    ) t
    join staff_staff s on s.id = t.staff_id and s.role = any(%(serving)s)
    where o.id = any(%(ids)s)
"""
# The last click on the link an order came by, whoever it was sent to.
REFERENCED = """
    select o.id, %(no_place)s, 'link_click', k.staff_id, k.store_id, k.product_id, c.at,
           'click', c.id::text
    from orders_order o
    join attribution_promolink k on k.code = o.reference
    join staff_staff s on s.id = k.staff_id and s.role = any(%(serving)s)
    cross join lateral (
        select c.id, c.at from attribution_click c
        where c.link_id = k.id and c.at < o.placed_at
        order by c.at desc limit 1
    ) c
    where o.id = any(%(ids)s) and o.reference <> ''
      and c.at >= o.placed_at - make_interval(secs => %(back)s)
"""


@dataclass(frozen=True)
class OrderFacts:
    """An order with all that its lines' decisions are made from."""

    order: Order
    lines: Sequence[tuple[OrderLine, LineFacts]]
    touches: Sequence[TouchFacts]
    bindings: Sequence[BindingFacts]


Row = tuple[int, int, str, int, int | None, int | None, datetime, str, str]


def facts_of(orders: Sequence[Order], *, window: timedelta) -> list[OrderFacts]:
    """Return the facts of the orders; `window` is the longest of any policy."""
    touches = _touch_rows([order.pk for order in orders], window)
    members = {order.member_id for order in orders if order.member_id}
    bindings = _bindings(members)
    people = {row[3] for row in touches} | {order.seller_id for order in orders}
    people |= {binding.staff_id for own in bindings.values() for binding in own}
    staff = _Staff(person for person in people if person)
    phones, lines = _phones(members), _lines(orders)
    by_order: dict[int, list[Row]] = defaultdict(list)
    for row in touches:
        by_order[row[0]].append(row)
    return [
        OrderFacts(
            order,
            _line_facts(order, lines[order.pk], staff, phones[order.member_id]),
            _touch_facts(order, by_order[order.pk], staff),
            _binding_facts(order, bindings[order.member_id], staff),
        )
        for order in orders
    ]


def _touch_rows(ids: list[int], window: timedelta) -> list[Row]:
    facts: dict[str, list[int] | list[str] | float] = {
        "ids": ids,
        "back": (window + TOO_EARLY).total_seconds(),
        "ahead": TOO_LATE.total_seconds(),
        "serving": [Staff.Role.SALESPERSON.value, Staff.Role.MANAGER.value],
        "no_place": NO_PLACE,
    }
    with connection.cursor() as cursor:
        cursor.execute(TOUCHES, facts)
        rows: list[Row] = cursor.fetchall()
        cursor.execute(REFERENCED, facts)
        known = {(row[0], row[7], row[8]) for row in rows}
        own: list[Row] = cursor.fetchall()
        return rows + [row for row in own if (row[0], row[7], row[8]) not in known]


def _bindings(members: set[int]) -> dict[int | None, list[Binding]]:
    by_member: dict[int | None, list[Binding]] = defaultdict(list)
    for binding in Binding.objects.filter(member__in=members):
        by_member[binding.member_id].append(binding)
    return by_member


def _phones(members: set[int]) -> dict[int | None, frozenset[str]]:
    """Return every telephone number by which a member is known."""
    found: dict[int | None, set[str]] = defaultdict(set)
    phones = Identity.objects.filter(kind=Identity.Kind.PHONE, member__in=members)
    for member, phone in phones.values_list("member_id", "value"):
        found[member].add(phone)
    named = Member.objects.filter(pk__in=members).exclude(phone="")
    for member, phone in named.values_list("pk", "phone"):
        found[member].add(phone)
    known = {member: frozenset(own) for member, own in found.items()}
    return defaultdict(frozenset, known)


def _lines(orders: Sequence[Order]) -> dict[int, list[OrderLine]]:
    by_order: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=orders).order_by(
        "order", "position"
    ):
        by_order[line.order_id].append(line)
    return by_order


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
        store = serving[0].store_id if serving else None
        return StaffFacts(staff_id, person.phone, _active_until(person), store)


def _active_until(person: Staff) -> datetime | None:
    """Return the first moment after the last day of work; None while it goes on."""
    if person.left_on:
        return clock.end_of(person.left_on)
    return None if person.is_active else datetime.min.replace(tzinfo=UTC)


def _line_facts(
    order: Order, lines: Sequence[OrderLine], staff: _Staff, phones: frozenset[str]
) -> list[tuple[OrderLine, LineFacts]]:
    seller = order.seller_id
    facts = LineFacts(
        line_id=0,
        placed_at=order.placed_at,
        is_online=order.channel != Order.Channel.STORE,
        seller=staff.on(seller, clock.day_of(order.placed_at)) if seller else None,
        order_id=order.pk,
        store_id=order.store_id,
        buyer_phones=phones,
    )
    return [
        (line, replace(facts, line_id=line.pk, product_id=line.product_id))
        for line in lines
    ]


def _touch_facts(order: Order, rows: Sequence[Row], staff: _Staff) -> list[TouchFacts]:
    day = clock.day_of(order.placed_at)
    return [
        TouchFacts(
            id=row[1],
            kind=row[2],
            staff=staff.on(row[3], day),
            at=row[6],
            store_id=row[4],
            product_id=row[5],
            evidence_type=row[7],
            evidence_id=row[8],
        )
        for row in rows
    ]


def _binding_facts(
    order: Order, bindings: Sequence[Binding], staff: _Staff
) -> list[BindingFacts]:
    day, latest = clock.day_of(order.placed_at), order.placed_at + TOO_LATE
    return [
        BindingFacts(
            id=binding.pk,
            staff=staff.on(binding.staff_id, day),
            store_id=binding.store_id,
            starts_at=binding.period.lower,
            ends_at=binding.period.upper,
        )
        for binding in bindings
        if binding.period.lower < latest
    ]
