"""The inbox: one conversation a member and account, and its messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.channels.models import Account
from apps.conversations.querysets import ConversationQuerySet
from apps.members.models import Member
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from apps.stores.models import Store


class Conversation(models.Model):
    """What a member and the brand say to each other on one account."""

    class Desk(models.TextChoices):
        HQ = "hq", _("總部")
        STAFF = "staff", _("店員")

    class Status(models.TextChoices):
        OPEN = "open", _("進行中")
        CLOSED = "closed", _("已結案")

    account = models.ForeignKey(Account, models.PROTECT, related_name="conversations")
    member = models.ForeignKey(Member, models.PROTECT, related_name="conversations")
    # The member's id on the channel: where messages go.
    address = models.CharField(max_length=64)
    desk = models.CharField(max_length=8, choices=Desk, default=Desk.HQ)
    staff = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="conversations"
    )
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="conversations"
    )
    # Why it lies on this desk, as `rules.DeskReason`.
    desk_reason = models.CharField(max_length=24, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    is_blocked = models.BooleanField(default=False)
    # Kept here for the list: the inbox must not look at the messages.
    last_message_at = models.DateTimeField()
    preview = models.CharField(max_length=120, blank=True)
    unread = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    # The newest token that still answers for free, and until when.
    reply_token = models.CharField(max_length=64, blank=True)
    reply_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("對話")
        verbose_name_plural = _("對話")
        constraints = [
            models.UniqueConstraint(
                "account", "member", name="one_conversation_a_member"
            ),
            models.CheckConstraint(
                condition=Q(desk="hq", staff__isnull=True)
                | Q(desk="staff", staff__isnull=False),
                name="a_staff_desk_has_its_person",
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "status", "-last_message_at"]),
            models.Index(fields=["desk", "status", "-last_message_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.member}"


class Message(models.Model):
    """One bubble, note or event of a conversation."""

    class Direction(models.TextChoices):
        IN = "in", _("顧客")
        OUT = "out", _("我方")
        NOTE = "note", _("內部備註")
        EVENT = "event", _("事件")

    class Kind(models.TextChoices):
        TEXT = "text", _("文字")
        IMAGE = "image", _("圖片")
        VIDEO = "video", _("影片")
        AUDIO = "audio", _("語音")
        FILE = "file", _("檔案")
        STICKER = "sticker", _("貼圖")
        LOCATION = "location", _("位置")
        PRODUCT = "product", _("商品卡")
        OTHER = "other", _("其他")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    direction = models.CharField(max_length=6, choices=Direction)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    text = models.TextField(blank=True)
    # What the kind needs: sticker and package, coordinates, product code and link …
    facts = models.JSONField(default=dict)
    media = models.FileField(upload_to="chat/%Y/%m", blank=True)
    external_id = models.CharField(max_length=40, null=True)  # noqa: DJ001  (unique)
    # Made by the browser, so that a second click or a resend is the same message.
    client_id = models.UUIDField(null=True, unique=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    delivery = models.OneToOneField(
        Delivery, models.PROTECT, null=True, related_name="message"
    )
    at = models.DateTimeField()
    unsent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("訊息")
        verbose_name_plural = _("訊息")
        constraints = [
            models.UniqueConstraint(
                "account", "external_id", name="one_message_an_external_id"
            ),
            models.CheckConstraint(
                condition=~Q(direction="in") | Q(external_id__isnull=False),
                name="what_came_in_has_its_id",
            ),
        ]
        indexes = [models.Index(fields=["conversation", "at", "id"])]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"
