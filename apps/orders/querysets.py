"""Which orders, pickups and carts a question is about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from apps.core import clock
from apps.members.models import Member

if TYPE_CHECKING:
    from apps.orders.models import (  # noqa: F401  (the rows' types)
        Cart,
        Order,
        ParkedRefund,
        Pickup,
        StorePayment,
        WriteOff,
    )
    from apps.staff.models import Staff


class OrderQuerySet(models.QuerySet["Order"]):
    """Purchases."""

    def online(self) -> OrderQuerySet:
        """Keep what was not bought in a store."""
        return self.exclude(channel="store")

    def known_as(self, keys: Collection[tuple[str, str]]) -> OrderQuerySet:
        """Keep the orders of these sources and numbers."""
        return self.filter(_any_of(keys, "external_id"))

    def to_credit(self, limit: int) -> OrderQuerySet:
        """Lock the oldest orders that wait for their credit."""
        return (
            self.filter(credit_due_at__isnull=False)
            .order_by("credit_due_at", "id")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )


class PickupQuerySet(models.QuerySet["Pickup"]):
    """Goods that are fetched at a store."""

    def visible_to(self, staff: Staff) -> PickupQuerySet:
        """Keep those of the stores the person may see; HQ sees all."""
        if staff.is_hq:
            return self
        on = staff.postings.on(clock.today())
        return self.filter(store__in=on.values("store"))

    def overdue(self, now: datetime) -> PickupQuerySet:
        """Keep those that waited for the customer until their time ran out."""
        return self.filter(state__in=["ready", "partial"], hold_until__lte=now)

    def to_remind(self, now: datetime, before: datetime) -> PickupQuerySet:
        """Keep those whose time runs out until `before`, of which nobody was told."""
        return self.filter(
            state__in=["ready", "partial"],
            hold_until__gt=now,
            hold_until__lte=before,
            reminded_at=None,
        )


class StorePaymentQuerySet(models.QuerySet["StorePayment"]):
    """Orders that are paid at a store."""

    def visible_to(self, staff: Staff) -> StorePaymentQuerySet:
        """Keep those of the stores the person may see; HQ sees all."""
        if staff.is_hq:
            return self
        on = staff.postings.on(clock.today())
        return self.filter(store__in=on.values("store"))

    def overdue(self, now: datetime) -> StorePaymentQuerySet:
        """Keep those that nobody paid in time."""
        return self.filter(state="waiting", pay_until__lte=now)


class WriteOffQuerySet(models.QuerySet["WriteOff"]):
    """What tablets scanned."""

    def visible_to(self, staff: Staff) -> WriteOffQuerySet:
        """Keep a salesperson's own, a manager's store's; HQ sees all."""
        if staff.is_hq:
            return self
        if staff.role != staff.Role.MANAGER:
            return self.filter(staff=staff)
        on = staff.postings.on(clock.today())
        return self.filter(store__in=on.values("store"))

    def to_follow_up(self) -> WriteOffQuerySet:
        """Keep the refused ones that nobody has looked after yet."""
        return self.filter(state="refused", settled_at=None)


class CartQuerySet(models.QuerySet["Cart"]):
    """What customers may buy."""

    def visible_to(self, staff: Staff) -> CartQuerySet:
        """Keep the person's own, and those of their own customers; HQ sees all."""
        if staff.is_hq:
            return self
        mine = Member.objects.visible_to(staff).values("pk")
        return self.filter(Q(filled_by=staff) | Q(member__in=mine))

    def alive(self) -> CartQuerySet:
        """Keep those that may still be bought."""
        return self.filter(closed_at=None)


class ParkedRefundQuerySet(models.QuerySet["ParkedRefund"]):
    """Refunds that wait for their order."""

    def for_orders(self, keys: Collection[tuple[str, str]]) -> ParkedRefundQuerySet:
        """Keep those of the orders of these sources and numbers, first come first."""
        return self.filter(_any_of(keys, "order_external_id")).order_by("id")


def _any_of(keys: Collection[tuple[str, str]], number: str) -> Q:
    """Return the condition of a few sources, each with its numbers."""
    condition = Q(pk__in=[])
    for source in {source for source, _number in keys}:
        numbers = [each for other, each in keys if other == source]
        condition |= Q(("source", source), (f"{number}__in", numbers))
    return condition
