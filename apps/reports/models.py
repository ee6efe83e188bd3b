"""Rollups that the figures are read from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.money import MoneyField
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store


class DailySales(models.Model):
    """What was sold on a day (Taipei), by store, channel, basis of credit and person.

    `store` is the store of the credit, else the order's; amounts are net of refunds
    known when the row was made.
    """

    day = models.DateField()
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=8, choices=Order.Channel)
    basis = models.CharField(max_length=12)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="+")
    orders = models.PositiveIntegerField()
    net = MoneyField()

    class Meta:
        verbose_name = _("每日業績")
        verbose_name_plural = _("每日業績")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "store", "channel", "basis", "staff"],
                name="one_row_a_day_and_kind",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.net}"
