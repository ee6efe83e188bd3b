"""Policies that are being thought over, and what they would have changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models.evidence import Basis, Policy
from apps.core.money import MoneyField
from apps.orders.models import Order, OrderLine
from apps.staff.models import Staff
from apps.stores.models import Store


class PolicyDraft(models.Model):
    """Rules that may become the next version; published ones are never changed."""

    name = models.CharField(_("名稱"), max_length=40)
    rules = models.JSONField(_("規則"))  # as a policy's
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_as = models.OneToOneField(
        Policy, models.PROTECT, null=True, related_name="draft"
    )

    class Meta:
        verbose_name = _("規則草案")
        verbose_name_plural = pgettext_lazy("plural", "規則草案")
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class Simulation(models.Model):
    """A period decided anew under a draft, by the worker, beside the rules in force.

    The row is the job. It moves on order by order of time; what a batch came to is
    written together with the place it reached, so that a killed worker loses nothing
    but the batch in its hands.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("排隊中")
        RUNNING = "running", _("試算中")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")
        FAILED = "failed", _("失敗")

    draft = models.ForeignKey(
        PolicyDraft, models.SET_NULL, null=True, related_name="simulations"
    )
    name = models.CharField(max_length=40)  # the draft's, for it may be thrown away
    rules = models.JSONField()  # the draft's when it was started
    since = models.DateField()  # days in Taipei, both of them in the period
    until = models.DateField()
    # The plans' rates when it was started, as `rules.Rate.from_json` reads them.
    rates = models.JSONField(default=list)
    status = models.CharField(
        max_length=10, choices=Status, default=Status.QUEUED, verbose_name=_("狀態")
    )
    orders = models.PositiveIntegerField(default=0)  # in the period
    done = models.PositiveIntegerField(default=0)
    # The order that was decided last.
    reached_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # since the last success
    changed_orders = models.PositiveIntegerField(default=0)
    changed_lines = models.PositiveIntegerField(default=0)
    amount_moved = MoneyField()
    commission_moved = MoneyField()
    started_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("規則試算")
        verbose_name_plural = pgettext_lazy("plural", "規則試算")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lte=models.F("until")), name="period_has_days"
            ),
        ]
        indexes = [
            models.Index(
                "created_at",
                condition=Q(status__in=["queued", "running"]),
                name="simulation_to_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.since}–{self.until}"

    @property
    def is_under_way(self) -> bool:
        """Tell whether a worker still has something to do."""
        return self.status in {self.Status.QUEUED, self.Status.RUNNING}

    @property
    def is_done(self) -> bool:
        """Tell whether every order of the period was decided."""
        return self.status == self.Status.DONE


class SimulationSum(models.Model):
    """What somebody is credited in a class, by the rules in force and by the draft."""

    simulation = models.ForeignKey(
        Simulation, models.CASCADE, related_name="sums", db_index=False
    )
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=12, choices=Basis)
    before = MoneyField()
    after = MoneyField()
    commission_before = MoneyField()
    commission_after = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "staff", "store", "basis"],
                name="one_sum_a_place",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.basis}: {self.before} → {self.after}"


class SimulationChange(models.Model):
    """An order line that the draft would give to somebody else, with both reasons."""

    simulation = models.ForeignKey(
        Simulation, models.CASCADE, related_name="changes", db_index=False
    )
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, related_name="+")
    placed_at = models.DateTimeField()
    amount = MoneyField()
    # `rules.Side.as_json`: the winner, and what became there of the other's.
    before = models.JSONField()
    after = models.JSONField()
    commission_before = MoneyField()
    commission_after = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["simulation", "line"], name="one_change_a_line"
            ),
        ]
        indexes = [
            models.Index(
                fields=["simulation", "-amount", "id"], name="change_largest_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.amount}"
