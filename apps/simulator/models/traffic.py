"""The traffic of the platform: requests accepted, webhooks to send, faults ordered."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.simulator import ids
from apps.simulator.models.accounts import OfficialAccount, Person


class OutgoingEvent(models.Model):
    """One webhook event on its way to the account's server."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待送出")
        SENDING = "sending", _("送出中")
        RETRYING = "retrying", _("等待重送")
        DELIVERED = "delivered", _("已送達")
        FAILED = "failed", _("失敗")
        DROPPED = "dropped", _("未送出")

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE)
    event_id = models.CharField(max_length=26, unique=True, default=ids.ulid)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=1)
    again = models.PositiveSmallIntegerField(default=0)
    in_order = models.BooleanField(default=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    status = models.IntegerField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("webhook 事件")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="simulator_events_to_send",
                condition=models.Q(state__in=["waiting", "sending", "retrying"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.state}"


class AcceptedRequest(models.Model):
    """A request that came with a retry key and was accepted."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    key = models.UUIDField()
    request_id = models.CharField(max_length=40)
    sent_messages = models.JSONField(default=list)
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("已接受的請求")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "key"], name="simulator_one_retry_key"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class UsageMonth(models.Model):
    """How many people were written to in a month, of what the plan allows."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    month = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("每月用量")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month"], name="simulator_one_usage_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month}: {self.used}"


class UsageDay(models.Model):
    """How many messages went out in a day by one way of sending."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    day = models.DateField()
    via = models.CharField(max_length=10)
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("每日用量")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "via"], name="simulator_one_usage_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.via}: {self.sent}"


class Fault(models.Model):
    """An order to misbehave, for the next N calls or at a probability."""

    class Action(models.TextChoices):
        RATE_LIMIT = "429", _("回 429（過於頻繁）")
        MONTHLY_LIMIT = "429_monthly", _("回 429（用量已滿）")
        ERROR = "500", _("接受前回 500")
        ERROR_AFTER = "500_after", _("接受後回 500")
        SILENCE = "silence", _("不回應，也不接受")
        SILENCE_AFTER = "silence_after", _("接受後不回應")
        REDELIVER = "redeliver", _("webhook 再送一次")
        DUPLICATE = "duplicate", _("webhook 送兩份")
        SHUFFLE = "shuffle", _("webhook 打亂順序")
        BUNDLE = "bundle", _("webhook 合併成一包")

    account = models.ForeignKey(OfficialAccount, null=True, on_delete=models.CASCADE)
    endpoint = models.CharField(max_length=40, default="*")
    action = models.CharField(max_length=15, choices=Action)
    remaining = models.PositiveIntegerField(null=True, blank=True)
    per_mille = models.PositiveSmallIntegerField(default=1000)
    seconds = models.FloatField(default=30)
    struck = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("故障指令")

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.action}"

    def facts(self) -> dict[str, Any]:
        """Return what the control API tells about it."""
        return {
            "id": self.pk,
            "account": self.account.slug if self.account else None,
            "endpoint": self.endpoint,
            "action": self.action,
            "remaining": self.remaining,
            "probability": self.per_mille / 1000,
            "seconds": self.seconds,
            "struck": self.struck,
        }


class LoginCode(models.Model):
    """An authorization code of LINE Login: ten minutes, once."""

    code = models.CharField(max_length=60, unique=True)
    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    redirect_uri = models.CharField(max_length=2000)
    scope = models.CharField(max_length=200)
    nonce = models.CharField(max_length=500, blank=True)
    code_challenge = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("登入授權碼")

    def __str__(self) -> str:
        return self.code
