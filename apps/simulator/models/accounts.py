"""Official accounts, the people of the simulated world, and who befriended whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.simulator import ids


class OfficialAccount(models.Model):
    """A brand's account: a Messaging API channel, a Login channel and a LIFF app."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    hue = models.PositiveSmallIntegerField(default=250)
    picture_url = models.URLField(max_length=2000, blank=True)
    bot_user_id = models.CharField(max_length=33, unique=True, default=ids.user_id)
    basic_id = models.CharField(max_length=30, unique=True)

    channel_id = models.CharField(max_length=30, unique=True)
    channel_secret = models.CharField(max_length=64, default=ids.secret)
    access_token = models.CharField(
        max_length=300, unique=True, default=ids.access_token
    )
    login_channel_id = models.CharField(max_length=30, unique=True)
    login_channel_secret = models.CharField(max_length=64, default=ids.secret)
    callback_urls = models.JSONField(default=list, blank=True)
    liff_id = models.CharField(max_length=60, unique=True)
    liff_endpoint_url = models.URLField(max_length=1000, blank=True)
    liff_bot_prompt = models.CharField(max_length=10, blank=True, default="aggressive")

    webhook_url = models.URLField(max_length=500, blank=True)
    webhook_active = models.BooleanField(default=True)
    redelivers = models.BooleanField(default=False)
    chat_is_on = models.BooleanField(default=True)
    monthly_quota = models.PositiveIntegerField(null=True, blank=True)
    rates = models.JSONField(default=dict, blank=True)
    default_rich_menu = models.ForeignKey(
        "RichMenu", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("官方帳號")

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody with a phone; all accounts know the same user id (one provider)."""

    user_id = models.CharField(max_length=33, unique=True, default=ids.user_id)
    name = models.CharField(max_length=100)
    hue = models.PositiveSmallIntegerField(default=200)
    picture_url = models.URLField(max_length=2000, blank=True)
    status_message = models.CharField(max_length=500, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="zh-TW")
    recent_links = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("模擬顧客")

    def __str__(self) -> str:
        return self.name


class Friendship(models.Model):
    """What a person is to an account: nobody yet, a friend, or one who blocked it."""

    class State(models.TextChoices):
        NONE = "none", _("尚未加入好友")
        FRIEND = "friend", _("好友")
        BLOCKED = "blocked", _("已封鎖")

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State, default=State.NONE)
    changed_at = models.DateTimeField(null=True, blank=True)
    wrote_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    loading_until = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    rich_menu = models.ForeignKey(
        "RichMenu", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("好友關係")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"], name="simulator_one_friendship"
            ),
        ]
        indexes = [models.Index(fields=["person", "-last_at"])]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state} {self.account_id}"

    @property
    def is_friend(self) -> bool:
        """Whether the account may write at any time."""
        return self.state == self.State.FRIEND

    @property
    def is_blocked(self) -> bool:
        """Whether the person does not want to hear from the account."""
        return self.state == self.State.BLOCKED


class RichMenu(models.Model):
    """A menu below the chat, made by API."""

    account = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)
    rich_menu_id = models.CharField(
        max_length=60, unique=True, default=ids.rich_menu_id
    )
    body = models.JSONField()
    image = models.BinaryField(null=True, blank=True)
    image_type = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("圖文選單")

    def __str__(self) -> str:
        return self.rich_menu_id
