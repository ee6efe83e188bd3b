"""Whom the orders of a list were credited to, each person and class once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from apps.attribution import words
from apps.attribution.models import Credit, Decision
from apps.attribution.rules import Candidate, Status
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store

TOOK = {Status.WON.value, Status.INACTIVE.value, Status.RULED.value}


@dataclass(frozen=True)
class Share:
    """Somebody's part of an order, and what earned it; without a person the house's."""

    person: Staff | None
    store: Store | None
    basis: str
    label: str
    amount: int
    why: str


@dataclass(frozen=True)
class Row:
    """An order of the list with whom it was credited to, the largest part first."""

    order: Order
    shares: list[Share]


def with_credits(found: OrderQuerySet) -> OrderQuerySet:
    """Bring each order's member, store, lines and the credits in force along."""
    in_force = Credit.objects.filter(superseded_at=None).select_related(
        "staff", "store", "decision"
    )
    return found.select_related(
        "member", "store", "pickup__store", "cart__filled_by"
    ).prefetch_related(
        "lines", Prefetch("lines__credits", in_force, to_attr="in_force")
    )


def rows_of(orders: Iterable[Order]) -> list[Row]:
    """Add the credits in force up by person, store and class, order by order.

    The orders were fetched through `with_credits`.
    """
    return [Row(order, _shares(order)) for order in orders]


def _shares(order: Order) -> list[Share]:
    owned: dict[tuple[object, ...], list[Credit]] = {}
    for line in order.lines.all():
        for credit in line.in_force:  # type: ignore[attr-defined]  # with_credits'
            key = (credit.staff_id, credit.store_id, credit.decision.basis)
            owned.setdefault(key, []).append(credit)
    shares = [_share(order, own) for own in owned.values()]
    return sorted(shares, key=lambda share: -share.amount)


def _share(order: Order, own: list[Credit]) -> Share:
    first = own[0]
    winner = _winner(first.decision)
    return Share(
        person=first.staff,
        store=first.store,
        basis=first.decision.basis,
        label=words.basis_label(first.decision.basis),
        amount=sum(credit.amount for credit in own),
        why=words.winning_act(winner, order.placed_at),
    )


def _winner(decision: Decision) -> Candidate:
    stored: Iterable[dict[str, Any]] = decision.candidates
    return Candidate.from_json(next(each for each in stored if each["status"] in TOOK))
