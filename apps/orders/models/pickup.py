"""Goods that a customer fetches at a store, and the pieces held for somebody there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalog.models import Variant
from apps.orders.models.cart import Cart
from apps.orders.models.order import Order, OrderLine
from apps.orders.querysets import PickupQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class Pickup(models.Model):
    """An order that is handed over at a store, on the arrows of `rules.pickups`."""

    class State(models.TextChoices):
        PLACED = "placed", _("待備貨")
        PICKING = "picking", _("備貨中")
        READY = "ready", _("待取貨")
        PARTIAL = "partial", _("部分取貨")
        COLLECTED = "collected", _("已取貨")
        EXPIRED = "expired", _("逾期未取")
        RETURNED = "returned", _("已退回")

    order = models.OneToOneField(Order, models.PROTECT, related_name="pickup")
    store = models.ForeignKey(Store, models.PROTECT, related_name="pickups")
    code = models.CharField(max_length=13, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.PLACED)
    placed_at = models.DateTimeField()
    # Who took the goods off the shelf or out of the parcel, and said they are ready.
    received_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    ready_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    # When the customer was told that `hold_until` is near; anew each time it is ready.
    reminded_at = models.DateTimeField(null=True)
    handed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    collected_at = models.DateTimeField(null=True)  # the last collection
    # Set when the goods were handed over, until the store's fee is written.
    fee_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = PickupQuerySet.as_manager()

    class Meta:
        verbose_name = _("門市取貨")
        verbose_name_plural = pgettext_lazy("plural", "門市取貨")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["placed", "picking"])
                | Q(state="returned")
                | Q(
                    ready_at__isnull=False,
                    received_by__isnull=False,
                    hold_until__isnull=False,
                ),
                name="pickup_ready_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["partial", "collected"])
                | Q(collected_at__isnull=False, handed_by__isnull=False),
                name="pickup_handed_over_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["collected", "returned"]) ^ Q(closed_at=None),
                name="pickup_closed_since_when",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "state", "-placed_at"],
                         name="pickup_of_store"),
            models.Index("hold_until", name="pickup_to_expire",
                         condition=Q(state__in=["ready", "partial"])),
            models.Index("fee_due_at", name="pickup_fee_due",
                         condition=Q(fee_due_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


class PickupLine(models.Model):
    """How many pieces of a line are fetched at the store, and how many were."""

    pickup = models.ForeignKey(Pickup, models.CASCADE, related_name="lines")
    line = models.OneToOneField(OrderLine, models.PROTECT, related_name="pickup_line")
    quantity = models.PositiveIntegerField()
    collected = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pickup", "line__position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(collected__lte=F("quantity")),
                name="no_more_collected_than_bought",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.collected} / {self.quantity}"


class Reservation(models.Model):
    """Pieces in a store that are kept for a cart or an order, for a time."""

    class State(models.TextChoices):
        HELD = "held", _("保留中")
        TAKEN = "taken", _("已取走")
        RELEASED = "released", _("已釋出")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="reservations")
    store = models.ForeignKey(Store, models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField()
    cart = models.ForeignKey(Cart, models.CASCADE, null=True, related_name="held")
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="held")
    state = models.CharField(max_length=8, choices=State, default=State.HELD)
    until = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("保留庫存")
        verbose_name_plural = pgettext_lazy("plural", "保留庫存")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="reservation_has_pieces"
            ),
            models.CheckConstraint(
                condition=Q(cart__isnull=True) ^ Q(order__isnull=True),
                name="reserved_for_a_cart_or_an_order",
            ),
            models.CheckConstraint(
                condition=Q(state="held") ^ Q(ended_at__isnull=False),
                name="reservation_ended_since_when",
            ),
            models.UniqueConstraint(
                fields=["variant", "store", "cart"],
                condition=Q(state="held", cart__isnull=False),
                name="one_reservation_a_cart",
            ),
            models.UniqueConstraint(
                fields=["variant", "store", "order"],
                condition=Q(state="held", order__isnull=False),
                name="one_reservation_an_order",
            ),
        ]
        indexes = [
            models.Index("until", name="reservation_to_expire",
                         condition=Q(state="held")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.store_id}: {self.quantity}"


class CounterSales(models.Model):
    """Whether a store's people may record sales of its other tills by hand."""

    store = models.OneToOneField(
        Store, models.CASCADE, verbose_name=_("門市"), related_name="counter_sales"
    )
    by_managers = models.BooleanField(_("店長可登錄"), default=True)
    by_salespeople = models.BooleanField(_("店員可登錄"), default=False)

    class Meta:
        verbose_name = _("外部通路登錄")
        verbose_name_plural = pgettext_lazy("plural", "外部通路登錄")

    def __str__(self) -> str:
        return f"{self.store}"
