"""All rows that an explanation is told from, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.translation import gettext as _

from apps.attribution.models import Decision, PageView, Touch
from apps.attribution.reports import policies
from apps.attribution.rules import TOOK, Candidate, Status
from apps.members.models import Binding, Member
from apps.orders.models import Order, Refund
from apps.staff.models import Staff
from apps.stores.models import Store

BROWSED = timedelta(days=14)
BEFORE, AFTER = timedelta(days=44), timedelta(days=1)
MOST_TOUCHES, MOST_VIEWS = 200, 40

# Of one act's fates on several lines the timeline tells the first.
TELLING = list(Status)


@dataclass(frozen=True)
class Case:
    """An order, its decisions in force with their candidates, and what happened."""

    order: Order
    viewer: Staff
    now: datetime
    decisions: Sequence[Decision]  # of every line, the superseded ones too
    version: policies.Version

    @cached_property
    def in_force(self) -> list[Decision]:
        """Return the decisions in force, the largest line first."""
        current = [each for each in self.decisions if each.superseded_at is None]
        return sorted(current, key=lambda each: (-each.line.net, each.line.position))

    @cached_property
    def candidates(self) -> dict[int, list[Candidate]]:
        """Return each decision's candidates, by the decision's key."""
        return {
            each.pk: [Candidate.from_json(stored) for stored in each.candidates]
            for each in self.in_force
        }

    @cached_property
    def by_evidence(self) -> dict[tuple[str, str], Candidate]:
        """Return the candidate each proof stands for; its best fate on any line."""
        told = sorted(
            (c for own in self.candidates.values() for c in own),
            key=lambda c: TELLING.index(c.status),
            reverse=True,
        )
        return {(c.evidence_type, c.evidence_id): c for c in told}

    def winner(self, decision: Decision) -> Candidate:
        """Return the candidate that took the line."""
        return next(c for c in self.candidates[decision.pk] if c.status in TOOK)

    @cached_property
    def touches(self) -> list[Touch]:
        """Return what was done for the buyer around the order, the oldest first."""
        placed_at = self.order.placed_at
        around = Touch.objects.filter(
            member=self.order.member_id,
            at__gte=placed_at - BEFORE,
            at__lt=placed_at + AFTER,
        ).select_related("staff", "store", "product")
        return list(around.order_by("-at")[:MOST_TOUCHES])[::-1]

    @cached_property
    def bindings(self) -> list[Binding]:
        """Return the buyer's bonds, the oldest first."""
        own = Binding.objects.filter(member=self.order.member_id)
        own = own.filter(period__startswith__lt=self.order.placed_at + AFTER)
        return list(own.select_related("staff", "store").order_by("period"))

    @cached_property
    def views(self) -> list[PageView]:
        """Return what the buyer looked at in the 14 days before the order."""
        if not self.may_see_buyer:
            return []
        placed_at = self.order.placed_at
        own = PageView.objects.filter(
            member=self.order.member_id, at__gte=placed_at - BROWSED, at__lt=placed_at
        ).select_related("product")
        return list(own.order_by("-at")[:MOST_VIEWS])[::-1]

    @cached_property
    def refunds(self) -> list[Refund]:
        """Return the order's refunds with their parts."""
        own = Refund.objects.filter(order=self.order).prefetch_related("lines")
        return list(own.order_by("refunded_at", "pk"))

    @cached_property
    def may_see_buyer(self) -> bool:
        """Tell whether the viewer serves the buyer, or sees everybody."""
        seen = Member.objects.visible_to(self.viewer)
        return seen.filter(pk=self.order.member_id or 0).exists()

    @property
    def buyer(self) -> str:
        """Return the buyer's name; strangers see its first letter."""
        if self.order.member is None:
            return _("未知的顧客")
        name = self.order.member.label
        return name if self.may_see_buyer else f"{name[:1]}○○"

    @cached_property
    def staff(self) -> dict[int, Staff]:
        """Return everybody who is a candidate."""
        ids = {pk for decision in self.decisions for pk in decision.people}
        return {person.pk: person for person in Staff.objects.filter(pk__in=ids)}

    @cached_property
    def stores(self) -> dict[int, Store]:
        """Return the stores of the candidates."""
        candidates = (c for own in self.candidates.values() for c in own)
        return Store.objects.in_bulk({c.store_id for c in candidates if c.store_id})

    def named(self, candidate: Candidate) -> str:
        """Return who the candidate is, with the store: 林怡君（台北中山店）."""
        person = self.staff.get(candidate.staff_id or 0)
        store = self.stores.get(candidate.store_id or 0)
        return with_store(person, store)


def with_store(person: Staff | None, store: Store | None) -> str:
    """Write a person with the store: 林怡君（台北中山店）."""
    if person is None:
        return store.label if store else _("總部")
    if store is None:
        return person.label
    return _("%(person)s（%(store)s）") % {"person": person.label, "store": store.label}


def load(order: Order, *, viewer: Staff, now: datetime) -> Case:
    """Gather the case of the order."""
    decisions = (
        Decision.objects.filter(line__order=order)
        .select_related("line__product", "policy")
        .prefetch_related("credits__staff")
        .order_by("decided_at", "pk")
    )
    rows = list(decisions)
    current = next((row for row in rows if row.superseded_at is None), None)
    version = (
        policies.read(current.policy)
        if current
        else policies.in_force(policies.published(), order.placed_at)
    )
    return Case(order, viewer, now, rows, version)
