"""Who sold a line at the till, where several people shared its units."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.orders.models.order import OrderLine
from apps.staff.models import Staff


class LineSeller(models.Model):
    """A person sold so many units of the line; the order's seller sold what is left."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="sellers")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("品項銷售店員")
        verbose_name_plural = pgettext_lazy("plural", "品項銷售店員")
        constraints = [
            models.UniqueConstraint("line", "staff", name="one_seller_row_a_person"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="a_seller_sold_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.staff_id} × {self.quantity}"
