"""How points are earned, how long they live and what they are worth, by date."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Category
from apps.core import clock
from apps.core.money import WHOLE
from apps.loyalty.models.tiers import Tier
from apps.staff.models import Staff


class PointRule(models.Model):
    """A version of the rules, in force from a day on until the next one's day.

    A purchase is worth what the version of its day says, for good.
    """

    class Expiry(models.TextChoices):
        NEVER = "never", _("永久有效")
        DATE = "date", _("固定日期到期")
        DAYS = "days", _("取得後天數到期")

    class ReleaseFrom(models.TextChoices):
        PAID = "paid", _("付款")
        FULFILLED = "fulfilled", _("訂單完成（取貨或送達）")

    starts_on = models.DateField(_("起始日"), unique=True)
    spend_per_point = models.PositiveIntegerField(
        _("每消費多少元得 1 點"), default=100, validators=[MinValueValidator(1)]
    )
    # The channels of orders that earn; empty means every one.
    channels = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    excluded = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("不計點的分類")
    )
    release_from = models.CharField(
        _("點數從什麼時候起算"), max_length=9, choices=ReleaseFrom,
        default=ReleaseFrom.PAID, db_default=ReleaseFrom.PAID,
    )  # fmt: skip
    release_days = models.PositiveSmallIntegerField(
        _("幾天後生效"), default=0, validators=[MaxValueValidator(365)]
    )
    expiry = models.CharField(
        _("點數效期"), max_length=5, choices=Expiry, default=Expiry.NEVER
    )
    expiry_days = models.PositiveSmallIntegerField(_("有效天數"), null=True, blank=True)
    # Earned in one year, dead at the end of this day of the next.
    expiry_month = models.PositiveSmallIntegerField(_("月"), null=True, blank=True)
    expiry_day = models.PositiveSmallIntegerField(_("日"), null=True, blank=True)
    point_value = models.PositiveSmallIntegerField(
        _("每點折抵金額"), default=1, validators=[MinValueValidator(1)]
    )
    # The share of a basket that points may pay, in basis points.
    burn_share = models.PositiveSmallIntegerField(_("每筆折抵上限"), default=10_000)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("點數規則")
        verbose_name_plural = pgettext_lazy("plural", "點數規則")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(spend_per_point__gt=0) & Q(point_value__gt=0),
                name="a_point_costs_something",
            ),
            models.CheckConstraint(
                condition=Q(burn_share__lte=10_000), name="burn_share_is_a_part"
            ),
            models.CheckConstraint(
                condition=Q(expiry="never")
                | Q(expiry="days", expiry_days__gt=0)
                | Q(expiry="date", expiry_month__range=(1, 12),
                    expiry_day__range=(1, 31)),
                name="expiry_says_when",
            ),
            models.CheckConstraint(
                condition=Q(release_from__in=["paid", "fulfilled"]),
                name="points_wait_from_a_known_moment",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.starts_on:%Y/%m/%d}"

    @property
    def waits_for_goods(self) -> bool:
        """Tell whether points wait until the customer has the goods."""
        return self.release_from == self.ReleaseFrom.FULFILLED

    @property
    def channel_labels(self) -> str:
        """Return the channels that earn, in words."""
        return channels_told(self.channels)


def channels_told(channels: list[str]) -> str:
    """Return channels of orders in words; none named means all."""
    if not channels:
        return gettext("全部通路")
    names = {"store": gettext("門市"), "web": gettext("官網"), "app": "App"}
    return gettext("、").join(names.get(name, name) for name in channels)


class TierMultiplier(models.Model):
    """How many times the points a tier earns by a version of the rules."""

    rule = models.ForeignKey(PointRule, models.CASCADE, related_name="multipliers")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    multiplier = models.PositiveIntegerField(default=10_000)  # basis points

    class Meta:
        constraints = [
            models.UniqueConstraint("rule", "tier", name="one_multiplier_a_tier"),
            models.CheckConstraint(
                condition=Q(multiplier__gt=0) & Q(multiplier__lte=100_000),
                name="multiplier_within_ten",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}/{self.tier_id}: {self.multiplier}"

    @property
    def times(self) -> str:
        """Return how many times the points the tier earns, as people write it."""
        return f"{self.multiplier / WHOLE:.4g}"


class BurnPause(models.Model):
    """A time in which points pay nothing, such as a sale.

    Where no channels or categories are named, it is all of them.
    """

    period = DateTimeRangeField(_("期間"))
    reason = models.CharField(_("原因"), max_length=60)
    channels = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("通路")
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("分類")
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("暫停折抵")
        verbose_name_plural = pgettext_lazy("plural", "暫停折抵")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False)
                & Q(period__lower_inf=False)
                & Q(period__upper_inf=False),
                name="a_burn_pause_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def last_day(self) -> date | None:
        """Return the last day of the pause."""
        return clock.last_day_before(self.period.upper)

    @property
    def channel_labels(self) -> str:
        """Return where points pay nothing, in words."""
        return channels_told(self.channels)

    def is_on(self, now: datetime) -> bool:
        """Tell whether it holds at the moment."""
        start, end = self.period.lower, self.period.upper
        return start is not None and end is not None and start <= now < end
