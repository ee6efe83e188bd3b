"""What HQ settles of notices and invoices, and whom was told that something dies."""

from __future__ import annotations

import re

from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.loyalty.models.coupon_issues import CouponIssue
from apps.loyalty.models.points import PointLot
from apps.members.models import Member

EARLIEST, LATEST = 8, 21  # hours in Taipei between which people are written to
LONGEST = 90  # days


class LoyaltySettings(models.Model):
    """One row of settings; without it everything here is off."""

    points_days = models.PositiveSmallIntegerField(
        _("點數到期前幾天通知"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=_("空白就不通知"),
    )  # fmt: skip
    coupon_days = models.PositiveSmallIntegerField(
        _("優惠券到期前幾天通知"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=_("空白就不通知"),
    )  # fmt: skip
    hour = models.PositiveSmallIntegerField(
        _("幾點送出"), default=10,
        validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
        help_text=_("24 小時制，8 到 21 點"),
    )  # fmt: skip
    invoice_days = models.PositiveSmallIntegerField(
        _("發票開立後幾天內可登錄"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("空白就不開放發票登錄"),
    )  # fmt: skip
    tax_ids = models.CharField(
        _("開立發票的統一編號"), max_length=200, blank=True,
        validators=[
            RegexValidator(r"^\d{8}([,，、\s]+\d{8})*\Z", _("八位數字，用逗號分開"))
        ],
        help_text=_("掃 QR 時先看是不是我們開的；空白就不看"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("通知與發票設定")
        verbose_name_plural = pgettext_lazy("plural", "通知與發票設定")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_settings"),
            models.CheckConstraint(
                condition=Q(hour__range=(EARLIEST, LATEST)),
                name="nobody_is_written_to_at_night",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def sellers(self) -> frozenset[str]:
        """Return the tax ids under which the brand issues invoices."""
        return frozenset(re.findall(r"\d{8}", self.tax_ids))

    @classmethod
    def current(cls) -> LoyaltySettings:
        """Return what is settled, or the row with everything off, not saved."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ExpiryNotice(models.Model):
    """A member was told on a day what dies soon: at most once a day."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="expiry_notices", db_index=False
    )
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("到期通知")
        verbose_name_plural = pgettext_lazy("plural", "到期通知")
        constraints = [
            models.UniqueConstraint("member", "on", name="one_expiry_notice_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.on}"


class ExpiryTold(models.Model):
    """The points or the coupon that a notice told of: each once in its life."""

    notice = models.ForeignKey(ExpiryNotice, models.CASCADE, related_name="told")
    lot = models.OneToOneField(PointLot, models.PROTECT, null=True, related_name="told")
    issue = models.OneToOneField(
        CouponIssue, models.CASCADE, null=True, related_name="told"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lot__isnull=True) ^ Q(issue__isnull=True),
                name="told_of_points_or_of_a_coupon",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.lot_id or self.issue_id}"
