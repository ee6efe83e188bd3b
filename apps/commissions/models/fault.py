"""What HQ ruled on a refund's commission, and what it corrected of a credit."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models import Decision
from apps.orders.models import OrderLine, Refund
from apps.staff.models import Staff


class RefundRuling(models.Model):
    """Who bears a refund's commission, for one person: the latest row holds."""

    class Outcome(models.TextChoices):
        WITHHOLD = "withhold", _("沖回分潤")
        ABSORB = "absorb", _("總部吸收")

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="rulings")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="refund_rulings")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("退款責任")
        verbose_name_plural = pgettext_lazy("plural", "退款責任")
        indexes = [models.Index(fields=["refund", "staff", "-id"])]

    def __str__(self) -> str:
        return f"{self.refund_id}/{self.staff_id}: {self.outcome}"


class Correction(models.Model):
    """A line's credit was given to others by HQ, without anybody's objection."""

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="corrections")
    before = models.ForeignKey(Decision, models.PROTECT, related_name="+")
    # The decision that took its place.
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="correction")
    reason = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("認列更正")
        verbose_name_plural = pgettext_lazy("plural", "認列更正")
        indexes = [models.Index(fields=["line"])]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.before_id} → {self.decision_id}"
