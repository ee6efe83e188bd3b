"""A month's settlement: what each person is paid, prepared by one, approved by two."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.staff.models import Staff


class Settlement(models.Model):
    """The pay of a month; its lines stand still once a second person approved it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("待核准")
        APPROVED = "approved", _("已核准，待發放")
        PAID = "paid", _("已發放")

    month = models.DateField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    people = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    total = MoneyField()  # of the month's entries
    payout = MoneyField()  # what is paid out; debts are carried over
    prepared_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("分潤結算")
        verbose_name_plural = pgettext_lazy("plural", "分潤結算")
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1), name="settlement_month_is_first_day"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | ~Q(approved_by=F("prepared_by")),
                name="a_second_person_approves",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="approval_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y/%m}"

    @property
    def is_draft(self) -> bool:
        """Tell whether it may still be prepared anew."""
        return self.state == self.State.DRAFT


class SettlementLine(models.Model):
    """A person's month; amounts in NT$."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="lines")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="settlement_lines")
    entries = models.PositiveIntegerField(default=0)
    accrued = MoneyField()
    taken_back = MoneyField()  # negative
    # Tiers, bonuses and what the house bears, less what the threshold withheld.
    extras = MoneyField()
    carried_in = MoneyField()  # the debt of the months before: negative, or nothing
    payout = MoneyField()
    carried_out = MoneyField()  # the debt that is left

    class Meta:
        verbose_name = _("結算明細")
        verbose_name_plural = pgettext_lazy("plural", "結算明細")
        constraints = [
            models.UniqueConstraint("settlement", "staff", name="one_line_a_person"),
            models.CheckConstraint(
                condition=Q(payout__gte=0, carried_out__lte=0, carried_in__lte=0)
                & Q(
                    payout=F("accrued")
                    + F("taken_back")
                    + F("extras")
                    + F("carried_in")
                    - F("carried_out")
                ),
                name="a_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.payout}"

    @property
    def amount(self) -> int:
        """Return the sum of the month's entries."""
        return self.accrued + self.taken_back + self.extras
