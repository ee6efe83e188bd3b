"""The inbox: one conversation a member and account, and its messages."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.channels.models import Account
from apps.conversations.querysets import ConversationQuerySet, MessageQuerySet
from apps.core import clock
from apps.members.models import Member
from apps.messaging.models import Delivery
from apps.staff.models import Staff
from apps.stores.models import Store


def private_storage() -> FileSystemStorage:
    """Return where customers' pictures lie: in a folder that no URL leads to."""
    return FileSystemStorage(Path(settings.MEDIA_ROOT).parent / "private")


class Conversation(models.Model):
    """What a member and the brand say to each other on one account.

    One an address: a person who came by two ids of one channel has two.
    """

    class Desk(models.TextChoices):
        HQ = "hq", gettext_lazy("總部")
        STAFF = "staff", gettext_lazy("店員")

    class Status(models.TextChoices):
        OPEN = "open", gettext_lazy("進行中")
        CLOSED = "closed", gettext_lazy("已結案")

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
    preview_kind = models.CharField(max_length=10, default="text")
    is_answered = models.BooleanField(default=False)  # the last bubble is ours
    unread = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    # The newest token that still answers for free, and until when.
    reply_token = models.CharField(max_length=64, blank=True)
    reply_until = models.DateTimeField(null=True, blank=True)
    # When to ask the channel for the person's name and picture; none: nothing to ask.
    profile_due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("對話")
        verbose_name_plural = pgettext_lazy("plural", "對話")
        constraints = [
            models.UniqueConstraint(
                "account", "address", name="one_conversation_an_address"
            ),
            models.CheckConstraint(
                condition=Q(desk="hq", staff__isnull=True)
                | Q(desk="staff", staff__isnull=False),
                name="a_staff_desk_has_its_person",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "member"], name="conversation_of_member"),
            models.Index(fields=["staff", "status", "-last_message_at"]),
            models.Index(fields=["desk", "status", "-last_message_at"]),
            models.Index(
                "desk", "staff", "waiting_since", name="conversation_waiting",
                condition=Q(waiting_since__isnull=False),
            ),
            models.Index("profile_due_at", name="conversation_profile_due",
                         condition=Q(profile_due_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member}"

    @property
    def is_open(self) -> bool:
        """Tell whether the matter is not settled."""
        return self.status == self.Status.OPEN

    @property
    def topic(self) -> str:
        """Return the live topic of the desk it lies on."""
        if self.desk == self.Desk.STAFF:
            return f"staff:{self.staff_id}"
        return "desk:hq"

    @property
    def preview_label(self) -> str:
        """Return the last bubble in a few words, in the reader's language."""
        return self.preview or preview_of(self.preview_kind)


PREVIEWS = {
    "image": gettext_lazy("傳了一張照片"),
    "video": gettext_lazy("傳了一段影片"),
    "audio": gettext_lazy("傳了一段語音"),
    "file": gettext_lazy("傳了一個檔案"),
    "sticker": gettext_lazy("傳了一張貼圖"),
    "location": gettext_lazy("傳了一個位置"),
    "product": gettext_lazy("傳了商品卡"),
    "unsent": gettext_lazy("已收回一則訊息"),
    "other": gettext_lazy("傳了一則訊息"),
}


def preview_of(kind: str) -> str:
    """Return what the list says of a bubble without words."""
    return str(PREVIEWS.get(kind, ""))


class Message(models.Model):
    """One bubble, note or event of a conversation."""

    class Direction(models.TextChoices):
        IN = "in", gettext_lazy("顧客")
        OUT = "out", gettext_lazy("我方")
        NOTE = "note", gettext_lazy("內部備註")
        EVENT = "event", gettext_lazy("事件")

    class Kind(models.TextChoices):
        TEXT = "text", gettext_lazy("文字")
        IMAGE = "image", gettext_lazy("圖片")
        VIDEO = "video", gettext_lazy("影片")
        AUDIO = "audio", gettext_lazy("語音")
        FILE = "file", gettext_lazy("檔案")
        STICKER = "sticker", gettext_lazy("貼圖")
        LOCATION = "location", gettext_lazy("位置")
        PRODUCT = "product", gettext_lazy("商品卡")
        OTHER = "other", gettext_lazy("其他")

    class Media(models.TextChoices):
        NONE = "", gettext_lazy("沒有檔案")
        WANTED = "wanted", gettext_lazy("下載中")
        STORED = "stored", gettext_lazy("已儲存")
        GONE = "gone", gettext_lazy("已不存在")
        FAILED = "failed", gettext_lazy("無法下載")
        ERASE = "erase", gettext_lazy("刪除中")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="messages"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    direction = models.CharField(max_length=6, choices=Direction)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    text = models.TextField(blank=True)
    # What the kind needs: sticker and package, coordinates, product code and link …
    facts = models.JSONField(default=dict)
    media = models.FileField(
        upload_to="chat/%Y/%m", storage=private_storage, blank=True
    )
    media_state = models.CharField(
        max_length=8, choices=Media, default=Media.NONE, blank=True
    )
    media_attempts = models.PositiveSmallIntegerField(default=0)
    media_due_at = models.DateTimeField(null=True)
    # The gateway's row it came from, so that an unsent message is wiped there as well.
    event_ref = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=40, null=True)  # noqa: DJ001  (unique)
    # Made by the browser, so that a second click or a resend is the same message.
    client_id = models.UUIDField(null=True, unique=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    delivery = models.OneToOneField(
        Delivery, models.PROTECT, null=True, related_name="message"
    )
    at = models.DateTimeField()
    unsent_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("訊息")
        verbose_name_plural = pgettext_lazy("plural", "訊息")
        constraints = [
            models.UniqueConstraint(
                "account", "external_id", name="one_message_an_external_id"
            ),
            models.CheckConstraint(
                condition=~Q(direction="in") | Q(external_id__isnull=False),
                name="what_came_in_has_its_id",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "at", "id"]),
            models.Index("media_due_at", name="message_media_due",
                         condition=Q(media_state__in=["wanted", "erase"])),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"

    # How often the product's link was opened, where the thread was read with it.
    opened: tuple[int, datetime] | None = None

    @property
    def day(self) -> date:
        """Return the day in Taipei on which it was said."""
        return clock.day_of(self.at)

    @property
    def is_failed(self) -> bool:
        """Tell whether it did not leave, and somebody may try again."""
        return self.delivery is not None and self.delivery.state in FAILED

    @property
    def is_sending(self) -> bool:
        """Tell whether it is still on its way out."""
        return self.delivery is not None and self.delivery.state in Delivery.LIVE

    @property
    def state_words(self) -> str:
        """Return what became of it; accepted is not delivered, and is not called so."""
        return self.delivery.get_state_display() if self.delivery else ""

    @property
    def words(self) -> str:
        """Return an event of the thread as a sentence, in the reader's language."""
        pattern = EVENTS.get(self.facts.get("event", ""))
        if pattern is None:
            return self.text
        blanks = {"by": "", "staff": "", "store": "", "text": self.text}
        return str(pattern) % {**blanks, **self.facts}

    @property
    def opened_words(self) -> str:
        """Return how often the customer opened the product that was sent."""
        if self.opened is None:
            return _("還沒點開")
        times, last_at = self.opened
        return _("已點開 %(times)s 次，最近 %(at)s") % {
            "times": times,
            "at": date_format(localtime(last_at), "m/d H:i"),
        }


FAILED = (Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.CANCELLED)

EVENTS = {
    "followed": gettext_lazy("加入官方帳號好友"),
    "unblocked": gettext_lazy("解除封鎖官方帳號"),
    "unfollowed": gettext_lazy("封鎖了官方帳號"),
    "bound": gettext_lazy("綁定%(store)s的%(staff)s"),
    "unbound": gettext_lazy("解除綁定，改由總部服務"),
    "moved": gettext_lazy("%(staff)s目前不在崗位，改由總部服務"),
    "taken_over": gettext_lazy("%(by)s 接手對話"),
    "closed": gettext_lazy("%(by)s 結案"),
    "reopened": gettext_lazy("%(by)s 重新開啟對話"),
    "postback": gettext_lazy("按了選單：%(text)s"),
    "linked": gettext_lazy("連結了帳號"),
}
