"""What was said in each chat, with the media that people sent and the reply tokens."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.simulator import ids
from apps.simulator.models.accounts import OfficialAccount, Person


class ChatMessage(models.Model):
    """One bubble. `body` is LINE's message object, as it was sent or as it was told."""

    class Via(models.TextChoices):
        USER = "user", _("顧客")
        REPLY = "reply", _("回覆")
        PUSH = "push", _("推播")
        MULTICAST = "multicast", _("群發")

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    message_id = models.CharField(max_length=30, unique=True, default=ids.message_id)
    via = models.CharField(max_length=10, choices=Via)
    body = models.JSONField()
    quote_token = models.CharField(max_length=100, default=ids.quote_token)
    request_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now)
    unsent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("訊息")
        indexes = [models.Index(fields=["account", "person", "-id"])]

    def __str__(self) -> str:
        return f"{self.message_id} {self.kind}"

    @property
    def kind(self) -> str:
        """The type of the message: text, image, flex, ..."""
        return str(self.body.get("type", ""))

    @property
    def is_from_user(self) -> bool:
        """Whether the person wrote it."""
        return self.via == self.Via.USER


class Content(models.Model):
    """The bytes of a picture that a person sent."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("處理中")
        READY = "succeeded", _("完成")
        FAILED = "failed", _("失敗")

    message = models.OneToOneField(ChatMessage, on_delete=models.CASCADE)
    data = models.BinaryField()
    preview = models.BinaryField()
    content_type = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=State, default=State.READY)

    class Meta:
        verbose_name = _("媒體")

    def __str__(self) -> str:
        return f"{self.content_type} {self.state}"


class ReplyToken(models.Model):
    """A right to answer once, free of charge, within a minute of being told."""

    token = models.CharField(max_length=40, unique=True, default=ids.reply_token)
    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("回覆權杖")

    def __str__(self) -> str:
        return self.token


class ShortText(models.Model):
    """A text that the gateway for short messages took; to any telephone at all."""

    to = models.CharField(max_length=16)
    text = models.CharField(max_length=500)
    reference = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("簡訊")

    def __str__(self) -> str:
        return self.to
