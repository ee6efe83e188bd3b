"""Tracked links of salespeople, and who opened them with what."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.rules import agents
from apps.catalog.models import Category, Product
from apps.members.models import Member
from apps.staff.models import Staff
from apps.stores.models import Store


def new_code() -> str:
    """Return a fresh code of a short link: 10 letters, 59 random bits."""
    alphabet = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
    return "".join(secrets.choice(alphabet) for _position in range(10))


class PromoLink(models.Model):
    """A salesperson's own tracked link to a page of the shop.

    One with a member was made for that member's conversation; one without is the
    salesperson's to put where they like.
    """

    class Kind(models.TextChoices):
        PRODUCT = "product", _("商品")
        CATEGORY = "category", _("分類")
        HOME = "home", _("官網首頁")
        CART = "cart", _("購物車")
        STORE = "store", _("門市頁")
        PAGE = "page", _("其他頁面")

    code = models.CharField(max_length=12, unique=True, default=new_code)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PAGE)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="promo_links")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="promo_links"
    )
    # What it shows, where that is a thing we know.
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    target_url = models.URLField(max_length=500)
    # HQ's own word for its statistics; no credit hangs on it.
    campaign = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)  # the first time
    clicked_at = models.DateTimeField(null=True)  # the first time
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("推廣連結")
        verbose_name_plural = pgettext_lazy("plural", "推廣連結")
        indexes = [
            models.Index(fields=["staff", "-created_at"], name="link_of_staff"),
            models.Index(
                "sent_at", name="link_sent", condition=Q(sent_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def url(self) -> str:
        """Return the short address that is sent to the member."""
        return f"{settings.PUBLIC_URL}/l/{self.code}"

    @property
    def label(self) -> str:
        """Return what it shows, in the reader's language."""
        shown = self.product or self.category or self.place
        return shown.label if shown else str(self.get_kind_display())


class Click(models.Model):
    """A person opened a link; machines that draw previews are not kept."""

    class Device(models.TextChoices):
        UNKNOWN = "", _("不明")
        MOBILE = agents.MOBILE, _("手機")
        TABLET = agents.TABLET, _("平板")
        DESKTOP = agents.DESKTOP, _("電腦")

    class System(models.TextChoices):
        UNKNOWN = "", _("不明")
        IOS = agents.IOS, "iOS"
        ANDROID = agents.ANDROID, "Android"
        WINDOWS = agents.WINDOWS, "Windows"
        MACOS = agents.MACOS, "macOS"
        CHROMEOS = agents.CHROMEOS, "ChromeOS"
        LINUX = agents.LINUX, "Linux"

    class App(models.TextChoices):
        BROWSER = "", _("瀏覽器")
        LINE = agents.LINE, "LINE"
        FACEBOOK = agents.FACEBOOK, "Facebook"
        INSTAGRAM = agents.INSTAGRAM, "Instagram"

    link = models.ForeignKey(PromoLink, models.CASCADE, related_name="clicks")
    at = models.DateTimeField()
    visitor = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=8, choices=Device, blank=True)
    system = models.CharField(max_length=8, choices=System, blank=True)
    # The app in whose own browser it was opened.
    in_app = models.CharField(max_length=10, choices=App, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["link", "-at"]),
            models.Index("at", name="click_at"),
            models.Index("visitor", name="click_of_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.at:%F %T}"
