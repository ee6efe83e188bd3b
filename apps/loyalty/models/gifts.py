"""What members are given of themselves, and the proof that it was given once."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.loyalty.models.coupons import Coupon
from apps.loyalty.models.points import PointEntry
from apps.members.models import Member


class GiftRule(models.Model):
    """What is given on an occasion of a member's life."""

    class Occasion(models.TextChoices):
        BIRTHDAY = "birthday", _("生日當天")
        BIRTHDAY_MONTH = "birthday_month", _("生日當月一日")
        ANNIVERSARY = "anniversary", _("入會週年")
        SIGN_UP = "sign_up", _("入會")
        PROFILE = "profile", _("填完個人資料")
        OPT_IN = "opt_in", _("同意接收消息")
        OPT_IN_LINE = "opt_in_line", _("同意 LINE 消息")
        OPT_IN_SMS = "opt_in_sms", _("同意簡訊消息")
        OPT_IN_EMAIL = "opt_in_email", _("同意電子郵件消息")
        OPT_IN_APP_PUSH = "opt_in_app_push", _("同意 App 推播消息")

    # Given once a year; the others once in a life.
    YEARLY = (Occasion.BIRTHDAY, Occasion.BIRTHDAY_MONTH, Occasion.ANNIVERSARY)
    # Which channel somebody said yes to; empty for any of them.
    CHANNELS: Mapping[str, str] = {
        Occasion.OPT_IN: "",
        Occasion.OPT_IN_LINE: "line",
        Occasion.OPT_IN_SMS: "sms",
        Occasion.OPT_IN_EMAIL: "email",
        Occasion.OPT_IN_APP_PUSH: "app_push",
    }

    occasion = models.CharField(_("時機"), max_length=16, choices=Occasion, unique=True)
    points = models.PositiveIntegerField(_("點數"), default=0)
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("優惠券"),
    )  # fmt: skip
    is_active = models.BooleanField(_("啟用"), default=True)
    # What came earlier is no occasion, such as a sign-up years ago.
    starts_on = models.DateField(_("起始日"))

    class Meta:
        verbose_name = _("會員禮")
        verbose_name_plural = pgettext_lazy("plural", "會員禮")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0)
                | Q(coupon__isnull=False)
                | Q(is_active=False),
                name="a_gift_holds_something",
            ),
        ]

    def __str__(self) -> str:
        return self.get_occasion_display()


class Gift(models.Model):
    """A gift that a member was given, in a year; year 0 is once in a life."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="gifts", db_index=False
    )
    occasion = models.CharField(max_length=16, choices=GiftRule.Occasion)
    year = models.PositiveSmallIntegerField()
    entry = models.OneToOneField(
        PointEntry, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("已送會員禮")
        verbose_name_plural = pgettext_lazy("plural", "已送會員禮")
        constraints = [
            models.UniqueConstraint(
                "member", "occasion", "year", name="one_gift_a_year"
            ),
            models.CheckConstraint(
                condition=Q(year=0) | Q(year__gte=2000), name="gift_year_is_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.occasion} {self.year}"
