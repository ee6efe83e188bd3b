"""Plans of commission: published versions that stand, and drafts of the next."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.commissions import rules
from apps.commissions.querysets import PlanQuerySet
from apps.staff.models import DateRange, Staff
from apps.stores.models import Store

STORE_ROLES = [
    (Staff.Role.SALESPERSON, Staff.Role.SALESPERSON.label),
    (Staff.Role.MANAGER, Staff.Role.MANAGER.label),
]
ONE_SCOPE = (
    Q(staff__isnull=True, store__isnull=True)
    | Q(staff__isnull=True, role="")
    | Q(store__isnull=True, role="")
)


class PlanTerms(models.Model):
    """Whom a plan is for and what it pays."""

    name = models.CharField(_("名稱"), max_length=40)
    # Of the three at most one: without any the plan is everybody's.
    staff = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("店員"),
    )  # fmt: skip
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("門市"),
    )  # fmt: skip
    role = models.CharField(
        _("角色"), max_length=12, blank=True, choices=STORE_ROLES, default=""
    )
    # Basis points of what is credited; 0 where the terms name a sum a piece.
    online_rate = models.PositiveIntegerField(_("線上導購分潤率（萬分之）"))
    store_rate = models.PositiveIntegerField(_("門市銷售分潤率（萬分之）"))
    # All else that `rules.Terms.from_json` reads.
    terms = models.JSONField(_("其他條件"), default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> rules.Scope:
        """Return whom it is for."""
        return rules.Scope(self.staff_id, self.store_id, self.role)

    def read(self) -> rules.Terms:
        """Return what it pays."""
        sides = ("online", "store")
        each = {side: self.terms.get(side, {}).get("each", 0) for side in sides}
        return rules.Terms.from_json(
            {
                **self.terms,
                "online": {"points": self.online_rate, "each": each["online"]},
                "store": {"points": self.store_rate, "each": each["store"]},
            }
        )

    def write(self, terms: rules.Terms) -> None:
        """Take the terms over."""
        self.online_rate, self.store_rate = terms.online.points, terms.store.points
        self.terms = terms.as_json()


class Plan(PlanTerms):
    """A version in force from a day to the day before its end; only its end moves."""

    starts_on = models.DateField(_("起始日"))
    ends_on = models.DateField(_("結束日（不含）"), null=True, blank=True)
    published_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("發布人")
    )
    published_at = models.DateTimeField(null=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("分潤方案")
        verbose_name_plural = pgettext_lazy("plural", "分潤方案")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(online_rate__lte=10_000, store_rate__lte=10_000),
                name="rate_is_a_part",
            ),
            models.CheckConstraint(condition=ONE_SCOPE, name="plan_has_one_scope"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="plan_ends_after_start",
            ),
            ExclusionConstraint(
                name="one_plan_a_scope_and_day",
                expressions=[
                    (Coalesce("staff", 0), RangeOperators.EQUAL),
                    (Coalesce("store", 0), RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    @property
    def facts(self) -> rules.Plan:
        """Return the plan as the rules read it."""
        return rules.Plan(
            self.pk, self.scope, self.starts_on, self.ends_on, self.read()
        )


class PlanDraft(PlanTerms):
    """Terms that are being thought over; published once."""

    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_as = models.OneToOneField(
        Plan, models.PROTECT, null=True, related_name="draft"
    )

    class Meta:
        verbose_name = _("方案草案")
        verbose_name_plural = pgettext_lazy("plural", "方案草案")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=ONE_SCOPE, name="draft_has_one_scope"),
        ]
