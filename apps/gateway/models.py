"""What came in from other systems, and the keys they hold."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from encrypted_fields.fields import EncryptedCharField

from apps.channels.models import Account
from apps.gateway.querysets import InboundEventQuerySet, ShopEventQuerySet


class InboundEvent(models.Model):
    """One webhook event as it came: the row is the job of routing it."""

    class State(models.TextChoices):
        NEW = "new", _("待處理")
        DONE = "done", _("已處理")
        IGNORED = "ignored", _("略過")
        DEAD = "dead", _("處理失敗")

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    event_id = models.CharField(max_length=64)
    user_id = models.CharField(max_length=64, blank=True)
    type = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    # Bytes, for what a stranger sends may hold what no text column takes.
    body = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = InboundEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("收到的事件")
        verbose_name_plural = pgettext_lazy("plural", "收到的事件")
        constraints = [
            models.UniqueConstraint("account", "event_id", name="one_event_an_id"),
        ]
        indexes = [
            models.Index("not_before", "id", name="event_new",
                         condition=models.Q(state="new")),
            models.Index("account", "user_id", "occurred_at", "id", name="event_turn",
                         condition=models.Q(state="new")),
            models.Index("received_at", name="event_dead",
                         condition=models.Q(state="dead")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

    @property
    def turn(self) -> tuple[int, str]:
        """Return whose events are routed one after the other."""
        return self.account_id, self.user_id


class ApiKey(models.Model):
    """A key of another system; only its hash is kept."""

    name = models.CharField(_("名稱"), max_length=40)
    prefix = models.CharField(_("開頭"), max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=30), verbose_name=_("範圍"))
    is_active = models.BooleanField(_("啟用"), default=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API 金鑰")
        verbose_name_plural = pgettext_lazy("plural", "API 金鑰")

    def __str__(self) -> str:
        return self.name


class Answered(models.Model):
    """The answer given to an `Idempotency-Key`, to be given again."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32)  # of the request
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("api_key", "key", name="one_answer_a_key"),
        ]

    def __str__(self) -> str:
        return self.key


class Bucket(models.Model):
    """The tokens a caller has left (`limits`)."""

    name = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name


class Asked(models.Model):
    """A request that a key made of the API, kept for some days."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=120)
    status = models.PositiveSmallIntegerField()
    error = models.CharField(max_length=200, blank=True)
    ms = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index("api_key", "id", name="asked_of_key")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class ShopConnection(models.Model):
    """A shop on a platform that tells us of its orders by webhooks.

    The slug names the shop wherever it is a source: of orders, and of customers' ids.
    """

    class Platform(models.TextChoices):
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"

    platform = models.CharField(_("平台"), max_length=12, choices=Platform)
    slug = models.SlugField(_("代號"), max_length=20, unique=True)
    name = models.CharField(_("名稱"), max_length=40)
    secret = EncryptedCharField(_("簽章密鑰"), max_length=200)
    is_active = models.BooleanField(_("啟用"), default=True)
    created_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)  # of the last delivery handled

    class Meta:
        verbose_name = _("網店連線")
        verbose_name_plural = pgettext_lazy("plural", "網店連線")

    def __str__(self) -> str:
        return self.name


class ShopEvent(models.Model):
    """One webhook of a shop as it came: the row is the job of handling it.

    `subject` is what it tells of and `changed_at` the version; both are known once it
    was read.
    """

    class State(models.TextChoices):
        NEW = "new", _("待處理")
        DONE = "done", _("已處理")
        IGNORED = "ignored", _("略過")
        DEAD = "dead", _("處理失敗")

    connection = models.ForeignKey(
        ShopConnection, models.PROTECT, related_name="events"
    )
    delivery_id = models.CharField(max_length=80)
    topic = models.CharField(max_length=60)
    body = models.BinaryField()
    subject = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = ShopEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("網店事件")
        verbose_name_plural = pgettext_lazy("plural", "網店事件")
        constraints = [
            models.UniqueConstraint(
                "connection", "topic", "delivery_id", name="one_shop_event_a_delivery"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="dead") | ~models.Q(error=""),
                name="a_dead_shop_event_says_why",
            ),
        ]
        indexes = [
            models.Index("not_before", "id", name="shop_event_new",
                         condition=models.Q(state="new")),
            models.Index("connection", "subject", "changed_at", name="shop_event_told",
                         condition=models.Q(state="done")),
            models.Index("connection", "id", name="shop_event_last"),
            models.Index("received_at", name="shop_event_dead",
                         condition=models.Q(state="dead")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.topic} {self.delivery_id}"
