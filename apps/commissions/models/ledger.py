"""Plans, the append-only ledger and closed months."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models import Credit
from apps.core.money import MoneyField
from apps.orders.models import Refund
from apps.staff.models import Staff


class Plan(models.Model):
    """The rates from a day on, in basis points of what is credited."""

    name = models.CharField(_("名稱"), max_length=40)
    starts_on = models.DateField(_("起始日"), unique=True)
    online_rate = models.PositiveIntegerField(_("線上導購分潤率（萬分之）"))
    store_rate = models.PositiveIntegerField(_("門市銷售分潤率（萬分之）"))

    class Meta:
        verbose_name = _("分潤方案")
        verbose_name_plural = pgettext_lazy("plural", "分潤方案")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(online_rate__lte=10_000, store_rate__lte=10_000),
                name="rate_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CommissionEntry(models.Model):
    """A line of the ledger: added, never changed; what was wrong is reversed."""

    class Kind(models.TextChoices):
        ACCRUAL = "accrual", _("計入")
        REVERSAL = "reversal", _("沖回")

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="commission_entries")
    credit = models.ForeignKey(Credit, models.PROTECT, related_name="entries")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    month = models.DateField()
    base = MoneyField()  # what was credited, or taken back (negative)
    rate = models.PositiveIntegerField()  # basis points, frozen at the sale
    amount = MoneyField()
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals"
    )
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+")
    # What caused it, such as "credit:7" or "refund:12": the same cause counts once.
    cause = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("分潤明細")
        verbose_name_plural = pgettext_lazy("plural", "分潤明細")
        constraints = [
            models.UniqueConstraint(
                "credit", "kind", "cause", name="one_entry_a_cause"
            ),
            models.CheckConstraint(
                condition=Q(kind="accrual", amount__gte=0, reverses__isnull=True)
                | Q(kind="reversal", amount__lte=0, reverses__isnull=False),
                name="a_reversal_takes_back",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="entry_month_is_first_day"
            ),
        ]
        indexes = [models.Index(fields=["staff", "month"])]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.month:%Y/%m} {self.amount}"


class ClosedMonth(models.Model):
    """A month whose ledger takes no more entries, and what they came to."""

    month = models.DateField(unique=True)
    entries = models.PositiveIntegerField(default=0)
    total = MoneyField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("已關帳月份")
        verbose_name_plural = pgettext_lazy("plural", "已關帳月份")

    def __str__(self) -> str:
        return f"{self.month:%Y/%m}"
