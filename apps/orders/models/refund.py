"""What was given back for an order, or waits for its order to come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.orders.models.order import Order, OrderLine
from apps.orders.querysets import ParkedRefundQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class Refund(models.Model):
    """Money given back for an order, in whichever store or channel.

    What a cancelled order leaves unreturned is a refund too, so that every ledger
    follows one path; it shrinks, to 0 at the least, when another refund comes late.
    """

    class Kind(models.TextChoices):
        RETURNED = "returned", _("退貨退款")
        CANCELLED = "cancelled", _("訂單取消")

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    external_id = models.CharField(max_length=60)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.RETURNED)
    # Where it was brought back and who took it, if in a store.
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    handled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    refunded_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)
    amount = MoneyField()
    reversal_due_at = models.DateTimeField(null=True)  # set until credit is reversed
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("退款")
        verbose_name_plural = pgettext_lazy("plural", "退款")
        constraints = [
            models.UniqueConstraint("order", "external_id", name="one_refund_a_number"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, kind="cancelled"),
                name="refund_is_positive",
            ),
        ]
        indexes = [
            models.Index("reversal_due_at", name="refund_reversal_due",
                         condition=Q(reversal_due_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.external_id


class RefundLine(models.Model):
    """How much of one line was given back."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refunds")
    quantity = models.PositiveIntegerField(default=0)  # 0: a part of the price
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint("refund", "line", name="one_part_a_refund"),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="refund_line_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}/{self.line_id}: {self.amount}"


class ParkedRefund(models.Model):
    """A refund that came before its order; it is recorded when the order comes."""

    source = models.CharField(max_length=20)
    order_external_id = models.CharField(max_length=60)
    external_id = models.CharField(max_length=60)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    # Why it could not be recorded when its order came, for a person to look at.
    why = models.CharField(max_length=200, blank=True)

    objects = ParkedRefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("等待訂單的退款")
        verbose_name_plural = pgettext_lazy("plural", "等待訂單的退款")
        constraints = [
            models.UniqueConstraint(
                "source", "order_external_id", "external_id", name="parked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.order_external_id}/{self.external_id}"
