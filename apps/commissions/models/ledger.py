"""The append-only ledger and closed months."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models import Credit
from apps.commissions.models.fault import RefundRuling
from apps.commissions.models.plan import Plan
from apps.core.money import MoneyField
from apps.members.models import Member
from apps.orders.models import Pickup, Refund
from apps.staff.models import Staff


def _with(*names: str) -> Q:
    """Return the condition that of all sources exactly the named ones are set."""
    sources = (
        "credit", "reverses", "refund", "ruling", "for_month", "member", "pickup",
    )  # fmt: skip
    condition = Q()
    for source in sources:
        condition &= Q(**{f"{source}__isnull": source not in names})
    return condition


# A reversal may be a refund's or that of a credit which changed hands.
OF_ITS_KIND = (
    (Q(kind="accrual", amount__gte=0) & _with("credit"))
    | (Q(kind="reversal", amount__lte=0) & _with("credit", "reverses"))
    | (Q(kind="reversal", amount__lte=0) & _with("credit", "reverses", "refund"))
    | (Q(kind="goodwill") & _with("credit", "refund", "ruling"))
    | (Q(kind__in=["tier", "threshold"]) & _with("for_month"))
    | (Q(kind="recruit", amount__gt=0) & _with("member"))
    | (Q(kind="pickup", amount__gt=0) & _with("pickup"))
)


class CommissionEntry(models.Model):
    """A line of the ledger: added, never changed; what was wrong is reversed."""

    class Kind(models.TextChoices):
        ACCRUAL = "accrual", _("計入")
        REVERSAL = "reversal", _("沖回")
        GOODWILL = "goodwill", _("總部吸收")
        TIER = "tier", _("級距加給")
        THRESHOLD = "threshold", _("未達門檻")
        RECRUIT = "recruit", _("招募獎金")
        PICKUP = "pickup", _("取貨處理費")

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="commission_entries")
    # What was credited; none where no order line earned it.
    credit = models.ForeignKey(
        Credit, models.PROTECT, null=True, related_name="entries"
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    month = models.DateField()
    # What was credited, or taken back (negative); of a month's entry its sales.
    base = MoneyField()
    rate = models.PositiveIntegerField()  # basis points, frozen at the sale
    each = MoneyField()  # or NT$ a piece, frozen as well
    amount = MoneyField()
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals"
    )
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+")
    # The ruling by which HQ bears a refund, or bears it no longer.
    ruling = models.ForeignKey(
        RefundRuling, models.PROTECT, null=True, related_name="entries"
    )
    # The month whose sales a tier or the threshold looked at.
    for_month = models.DateField(null=True)
    # Who registered.
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    # What was made ready or handed over at a store.
    pickup = models.ForeignKey(Pickup, models.PROTECT, null=True, related_name="+")
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
            models.UniqueConstraint(
                fields=["kind", "cause"],
                condition=Q(credit__isnull=True),
                name="one_entry_a_source",
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(kind="recruit"),
                name="one_bonus_a_member",
            ),
            models.CheckConstraint(condition=OF_ITS_KIND, name="entry_is_of_its_kind"),
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
