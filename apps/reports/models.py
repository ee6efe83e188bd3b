"""Rollups that the figures are read from, and what was said of signals."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.conversations.models import Conversation
from apps.core.money import MoneyField
from apps.orders.models import Order
from apps.staff.models import Staff
from apps.stores.models import Store


class DailySales(models.Model):
    """What was sold on a day (Taipei), by store, channel, basis of credit and person.

    `store` is the store of the credit, else the order's; amounts are net of refunds
    known when the row was made.
    """

    day = models.DateField()
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+")
    channel = models.CharField(max_length=8, choices=Order.Channel)
    basis = models.CharField(max_length=12)
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="+")
    orders = models.PositiveIntegerField()
    net = MoneyField()

    class Meta:
        verbose_name = _("每日業績")
        verbose_name_plural = pgettext_lazy("plural", "每日業績")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "store", "channel", "basis", "staff"],
                name="one_row_a_day_and_kind",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.net}"


class DailyMembers(models.Model):
    """How the brand's members stood at the end of a day (Taipei).

    Buyers are members who bought in the 90 days up to the day; repeaters bought on at
    least two days of them.
    """

    day = models.DateField(unique=True)
    members = models.PositiveIntegerField()
    bound = models.PositiveIntegerField()
    buyers = models.PositiveIntegerField()
    repeaters = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("每日會員數")
        verbose_name_plural = pgettext_lazy("plural", "每日會員數")

    def __str__(self) -> str:
        return f"{self.day}: {self.bound}/{self.members}"


class ReplyWait(models.Model):
    """How long a customer waited for the first reply of a person."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+")
    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="+")
    asked_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("首次回覆等候")
        verbose_name_plural = pgettext_lazy("plural", "首次回覆等候")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "asked_at"], name="one_wait_a_question"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"])]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.seconds} s"


class Freshness(models.Model):
    """Up to when the rollups have followed what happened; one row."""

    seen_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seen_until:%F %T}"


class SignalReview(models.Model):
    """Somebody looked at a signal that had so many facts then, and what they found."""

    class Kind(models.TextChoices):
        SELF_ORDERS = "self_orders", _("店員本人的訂單")
        VISITOR_CLICKS = "visitor_clicks", _("同一訪客密集點擊")
        LINK_CLICKS = "link_clicks", _("連結密集點擊")
        REBOUND = "rebound", _("顧客反覆換店員")
        TAKEN_OVER = "taken_over", _("大量改綁到同一位店員")

    kind = models.CharField(max_length=16, choices=Kind)
    subject = models.BigIntegerField()  # the key of a person, a link or a member
    weight = models.PositiveIntegerField()
    note = models.CharField(max_length=300)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("訊號檢視")
        verbose_name_plural = pgettext_lazy("plural", "訊號檢視")
        constraints = [
            models.UniqueConstraint("kind", "subject", name="one_review_a_signal"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
