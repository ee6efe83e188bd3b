"""The outbox: what is to leave the house, and what became of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.channels.models import Account
from apps.members.models import Member
from apps.messaging import rules
from apps.messaging.querysets import DeliveryQuerySet


class Delivery(models.Model):
    """One message to one person, from the wish to the outcome.

    States move along the arrows of docs/architecture.md; accepted, failed, skipped and
    cancelled are final, and unknown is settled by a named person only.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("回覆")
        PUSH = "push", _("推播")

    class State(models.TextChoices):
        QUEUED = "queued", _("傳送中")
        SENDING = "sending", _("傳送中")
        ACCEPTED = "accepted", _("已送出")
        SKIPPED = "skipped", _("未送出")
        FAILED = "failed", _("沒送出")
        QUOTA_HOLD = "quota_hold", _("等待推播用量")
        CHANNEL_HOLD = "channel_hold", _("帳號暫停")
        UNKNOWN = "unknown", _("無法確認")
        CANCELLED = "cancelled", _("已取消")

    LIVE = (State.QUEUED, State.SENDING, State.QUOTA_HOLD, State.CHANNEL_HOLD)
    RETRYABLE = (State.FAILED, State.UNKNOWN, State.CHANNEL_HOLD)

    account = models.ForeignKey(Account, models.PROTECT, related_name="deliveries")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="deliveries"
    )
    to = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    messages = models.JSONField()  # the channel's own message objects, at most five
    state = models.CharField(max_length=14, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    reply_token = models.CharField(max_length=64, blank=True)
    reply_until = models.DateTimeField(null=True)
    # Written before the first attempt and never changed, so that the channel can tell
    # a second attempt from a second message.
    retry_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Who waits for the outcome: a live topic such as "conversation:42".
    topic = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    was_ambiguous = models.BooleanField(default=False)
    external_ids = models.JSONField(default=list)
    request_id = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("發送")
        verbose_name_plural = pgettext_lazy("plural", "發送")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="push") | ~Q(reply_token=""),
                name="a_reply_has_its_token",
            ),
            # A person's messages arrive in the order in which they were written.
            models.UniqueConstraint(
                fields=["account", "to"],
                condition=Q(state="sending"),
                name="one_in_flight_a_person",
            ),
        ]
        indexes = [
            models.Index(
                "not_before",
                condition=Q(state__in=["queued", "sending"]),
                name="delivery_due",
            ),
            models.Index(
                fields=["account", "to", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="delivery_in_line",
            ),
            models.Index(fields=["account", "state", "settled_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"

    @property
    def is_retryable(self) -> bool:
        """Whether a person may send it again."""
        return self.state in self.RETRYABLE

    @property
    def why(self) -> str:
        """Return the reason as a person reads it; LINE's own words where they are."""
        words = REASONS.get(self.reason)
        return str(words) if words else self.reason


REASONS = {
    rules.NO_ANSWER: _("LINE 沒有回應，不確定是否送達"),
    rules.KEY_EXPIRED: _("一天內都沒有得到 LINE 的回應，不確定是否送達"),
    rules.BLOCKED: _("顧客已封鎖官方帳號"),
    rules.NO_QUOTA: _("本月推播用量已用完，有用量時會自動送出"),
    rules.NO_TOKEN: _("官方帳號的存取權杖失效，恢復後會自動送出"),
}


class Attempt(models.Model):
    """One call to the channel, written before it is made."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # HTTP; none: no answer
    answer = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"attempt {self.pk} of {self.delivery_id}"


class QuotaMonth(models.Model):
    """How many paid messages the month allows and how many are gone."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="quotas")
    month = models.DateField()
    allowed = models.PositiveIntegerField(null=True)  # none: without limit
    used = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name = _("推播用量")
        verbose_name_plural = pgettext_lazy("plural", "推播用量")
        constraints = [
            models.UniqueConstraint("account", "month", name="one_quota_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y/%m}"


class Pace(models.Model):
    """How an account may send just now: slowed for a while, or stopped."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="pace")
    troubles = models.PositiveIntegerField(default=0)  # in a row
    slowed_until = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("發送狀態")
        verbose_name_plural = pgettext_lazy("plural", "發送狀態")

    def __str__(self) -> str:
        return f"{self.account_id} {self.stopped_at or self.slowed_until or 'open'}"
