"""The brand's accounts on the channels it speaks through."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from encrypted_fields.fields import EncryptedCharField


class Account(models.Model):
    """One account of the brand; for LINE an Official Account and its Login channel.

    The Official Account and the Login channel must be under the same provider, or the
    two see different ids for one person.
    """

    class Channel(models.TextChoices):
        LINE = "line", _("LINE 官方帳號")

    class Badge(models.TextChoices):
        PLAIN = "plain", _("一般帳號")
        VERIFIED = "verified", _("認證帳號")
        PREMIUM = "premium", _("企業帳號")

    channel = models.CharField(
        _("通路"), max_length=12, choices=Channel, default=Channel.LINE
    )
    slug = models.SlugField(_("代號"), unique=True)
    name = models.CharField(_("名稱"), max_length=60)
    basic_id = models.CharField(_("基本 ID"), max_length=40, blank=True)
    bot_user_id = models.CharField(_("機器人 ID"), max_length=33, blank=True)
    badge = models.CharField(
        _("帳號類型"), max_length=12, choices=Badge, default=Badge.PLAIN
    )
    channel_id = models.CharField(_("頻道 ID"), max_length=20, blank=True)
    # The encrypted fields keep an empty text as NULL.
    channel_secret = EncryptedCharField(
        _("頻道密鑰"), max_length=200, blank=True, null=True
    )
    # Reissuing a secret in LINE's console ends the old one at once; both are accepted
    # while the new one is put in.
    next_channel_secret = EncryptedCharField(
        _("下一組頻道密鑰"), max_length=200, blank=True, null=True
    )
    access_token = EncryptedCharField(
        _("存取權杖"), max_length=500, blank=True, null=True
    )
    login_channel_id = models.CharField(
        _("LINE Login 頻道 ID"), max_length=20, blank=True
    )
    login_channel_secret = EncryptedCharField(
        _("LINE Login 頻道密鑰"), max_length=200, blank=True, null=True
    )
    liff_id = models.CharField("LIFF ID", max_length=60, blank=True)
    is_active = models.BooleanField(_("啟用"), default=True)

    class Meta:
        verbose_name = _("官方帳號")
        verbose_name_plural = pgettext_lazy("plural", "官方帳號")

    def __str__(self) -> str:
        return self.name
