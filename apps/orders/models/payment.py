"""An order of the shop that its customer pays at the till of a store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.orders.models.order import Order
from apps.orders.querysets import StorePaymentQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


class StorePayment(models.Model):
    """What is to be paid at a store, until when, and how it was."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待付款")
        PAID = "paid", _("已付款")
        EXPIRED = "expired", _("逾期未付")

    class Method(models.TextChoices):
        CASH = "cash", _("現金")
        CARD = "card", _("信用卡")
        MOBILE = "mobile", _("行動支付")
        OTHER = "other", _("其他")

    order = models.OneToOneField(Order, models.PROTECT, related_name="store_payment")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    code = models.CharField(max_length=13, unique=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    pay_until = models.DateTimeField()
    # What the customer paid (NT$), shipping included, and what the till printed.
    amount = MoneyField(default=0)
    receipt = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=6, choices=Method, blank=True)
    # Who took it, where a person and not the till itself said so.
    taken_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    taken_at = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)

    objects = StorePaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("到店付款")
        verbose_name_plural = pgettext_lazy("plural", "到店付款")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False, taken_at__isnull=False)
                & ~Q(receipt="")
                & ~Q(method="")
                | ~Q(state="paid") & Q(paid_at=None),
                name="store_payment_says_how_it_was_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "state", "pay_until"],
                         name="payment_of_store"),
            models.Index("pay_until", name="payment_to_expire",
                         condition=Q(state="waiting")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    @property
    def due(self) -> int:
        """Return what is to be paid in NT$: the goods and the shipping."""
        return self.order.net + self.order.shipping
