"""A salesperson's objection to a line's credit, and the ruling on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models import Decision
from apps.commissions.querysets import DisputeQuerySet
from apps.orders.models import Order, OrderLine
from apps.staff.models import Staff
from apps.stores.models import Store


class Dispute(models.Model):
    """Somebody says that a line should be theirs, and why."""

    class State(models.TextChoices):
        OPEN = "open", _("待店長裁定")
        WITH_HQ = "with_hq", _("待總部裁定")
        RULED = "ruled", _("已裁定")
        WITHDRAWN = "withdrawn", _("已撤回")
        EXPIRED = "expired", _("逾期結束")

    order = models.ForeignKey(Order, models.PROTECT, related_name="disputes")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="disputes")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="disputes")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="disputes")
    # Who holds the larger part of the credit; nobody where it is the house's.
    against = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="disputes_against"
    )
    # The store of both, whose manager may rule; none where HQ has to.
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("理由"), max_length=300)
    # As it was when they objected: candidates, and the ids of the proofs.
    evidence = models.JSONField()
    state = models.CharField(max_length=10, choices=State)
    opened_at = models.DateTimeField()
    with_hq_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("爭議")
        verbose_name_plural = pgettext_lazy("plural", "爭議")
        constraints = [
            models.UniqueConstraint(
                fields=["line", "staff"],
                condition=Q(state__in=["open", "with_hq"]),
                name="one_open_dispute_a_line_and_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "with_hq"], ended_at__isnull=True)
                | Q(ended_at__isnull=False),
                name="an_ended_dispute_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                "opened_at",
                condition=Q(state__in=["open", "with_hq"]),
                name="dispute_waiting",
            ),
            models.Index(fields=["staff", "-opened_at"]),
            models.Index(fields=["order"]),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.line_id}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for a ruling."""
        return self.state in {self.State.OPEN, self.State.WITH_HQ}


class Ruling(models.Model):
    """What was ruled, by whom and why; both sides read it."""

    class Outcome(models.TextChoices):
        KEEP = "keep", _("維持原認列")
        SPLIT = "split", _("兩人拆分")
        REASSIGN = "reassign", _("改認列")

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="ruling")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(_("裁定理由"), max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # The decision that replaced the disputed one; none where it was kept.
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="rulings"
    )

    class Meta:
        verbose_name = _("裁定")
        verbose_name_plural = pgettext_lazy("plural", "裁定")

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.outcome}"
