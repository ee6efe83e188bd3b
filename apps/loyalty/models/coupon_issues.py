"""The copies of coupons that members hold, and what was done with each."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core import clock
from apps.core.money import MoneyField
from apps.loyalty.models.coupons import Coupon
from apps.loyalty.querysets.coupons import CouponIssueQuerySet, CouponUseQuerySet
from apps.loyalty.rules.coupons import grouped
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store


class CouponIssue(models.Model):
    """A copy of a coupon; without a member it is whoever's who shows the code."""

    class State(models.TextChoices):
        """Follows the live use, by a trigger on the uses."""

        ISSUED = "issued", _("可使用")
        RESERVED = "reserved", _("保留中")
        REDEEMED = "redeemed", _("已使用")
        VOIDED = "voided", _("已作廢")

    class Source(models.TextChoices):
        STAFF = "staff", _("店員發送")
        HQ = "hq", _("總部發送")
        CAMPAIGN = "campaign", _("活動")
        GIFT = "gift", _("會員禮")
        CLAIM = "claim", _("輸入領券碼")
        API = "api", "API"
        TEST = "test", _("測試")

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="issues")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="coupons"
    )
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=40, unique=True)  # `rules.coupons.key_of`
    state = models.CharField(max_length=8, choices=State, default=State.ISSUED)
    source = models.CharField(max_length=8, choices=Source)
    source_id = models.CharField(max_length=60, blank=True)
    issued_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+"
    )
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    # Half-open; unknown while the days count from the first opening.
    valid_until = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)

    objects = CouponIssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("持有的優惠券")
        verbose_name_plural = pgettext_lazy("plural", "持有的優惠券")
        indexes = [
            models.Index(fields=["member", "state", "valid_until"]),
            models.Index(fields=["coupon", "member"]),
            models.Index(fields=["coupon", "-issued_at"]),
            models.Index(
                fields=["issued_by", "issued_at"],
                condition=Q(issued_by__isnull=False),
                name="coupon_issues_of_staff",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="voided") | Q(voided_at__isnull=False),
                name="a_voided_copy_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_code(self) -> str:
        """Return the code in groups of four, for eyes."""
        return grouped(self.code)

    @property
    def last_day(self) -> date | None:
        """Return the last day on which this copy is good."""
        if self.valid_until is None:
            return None
        return clock.day_of(self.valid_until - timedelta(microseconds=1))


class CouponUse(models.Model):
    """A copy held for an order, used in it, or given back."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("保留中")
        REDEEMED = "redeemed", _("已核銷")
        VOIDED = "voided", _("已作廢")

    class Trigger(models.TextChoices):
        HELPER = "helper", _("店員核銷")
        TILL = "till", "POS"
        WEB = "web", _("官網結帳")
        HQ = "hq", _("總部")

    issue = models.ForeignKey(CouponIssue, models.PROTECT, related_name="uses")
    state = models.CharField(max_length=8, choices=State)
    trigger = models.CharField(max_length=8, choices=Trigger)
    order_source = models.CharField(max_length=20)
    order_external_id = models.CharField(max_length=60)
    channel = models.CharField(max_length=8, choices=Coupon.Channel)
    basket_total = MoneyField()
    discount = MoneyField()
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+"
    )
    staff = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(max_length=200, blank=True)

    objects = CouponUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("核銷紀錄")
        verbose_name_plural = pgettext_lazy("plural", "核銷紀錄")
        constraints = [
            models.UniqueConstraint(
                fields=["issue"],
                condition=~Q(state="voided"),
                name="one_live_use_a_copy",
            ),
            models.UniqueConstraint(
                fields=["issue", "order_source", "order_external_id"],
                condition=~Q(state="voided"),
                name="one_use_a_copy_and_order",
            ),
            models.CheckConstraint(
                condition=Q(state="redeemed", redeemed_at__isnull=False)
                | Q(state="reserved", redeemed_at=None)
                | Q(state="voided", voided_at__isnull=False),
                name="a_use_says_when",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(basket_total__gte=0),
                name="a_use_never_costs_the_customer",
            ),
        ]
        indexes = [
            models.Index(fields=["order_source", "order_external_id"]),
            models.Index(
                fields=["held_until"],
                condition=Q(state="reserved"),
                name="coupon_reservations",
            ),
            models.Index(fields=["store", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.state}"
