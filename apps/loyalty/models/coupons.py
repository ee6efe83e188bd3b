"""Coupons as HQ designs them: what they give, where, how long, and how many."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import Category, Product
from apps.core import clock
from apps.core.money import MoneyField
from apps.core.names import in_language
from apps.loyalty.querysets.coupons import CouponQuerySet
from apps.members.models import Tag
from apps.stores.models import Store


class Coupon(models.Model):
    """The design of a coupon, of which members hold copies (`CouponIssue`)."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("折抵金額")
        PERCENT = "percent", _("折扣")
        SHIPPING = "shipping", _("免運")
        GIFT = "gift", _("贈品")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        LIVE = "live", _("進行中")
        PAUSED = "paused", _("暫停")
        ENDED = "ended", _("已結束")

    class Validity(models.TextChoices):
        FIXED = "fixed", _("固定日期")
        FROM_ISSUE = "issue", _("領取後起算")
        FROM_OPEN = "open", _("開啟後起算")

    class Codes(models.TextChoices):
        GENERATED = "generated", _("系統產生")
        PACK = "pack", _("上傳序號")

    class Barcode(models.TextChoices):
        CODE128 = "code128", "Code 128"
        CODE39 = "code39", "Code 39"
        EAN13 = "ean13", "EAN-13"
        NONE = "none", _("只用 QR")

    class Channel(models.TextChoices):
        """Where a coupon is used; the words of `Order.Channel`."""

        STORE = "store", _("門市")
        WEB = "web", _("官網")
        APP = "app", "App"

    name = models.CharField(_("名稱"), max_length=40)
    name_en = models.CharField(_("英文名稱"), max_length=60, blank=True)
    note = models.TextField(_("使用說明"), max_length=500, blank=True)
    note_en = models.TextField(_("英文使用說明"), max_length=800, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)

    kind = models.CharField(_("種類"), max_length=8, choices=Kind, default=Kind.AMOUNT)
    amount = MoneyField(_("折抵金額"), blank=True)
    percent = models.PositiveIntegerField(_("折扣比例"), default=0)  # basis points off
    most = models.BigIntegerField(_("最高折抵"), null=True, blank=True)  # NT$
    gift = models.CharField(_("贈品名稱"), max_length=60, blank=True)
    minimum = MoneyField(_("最低消費"), blank=True)
    is_stackable = models.BooleanField(_("可與其他券併用"), default=False)
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel),
        verbose_name=_("可用通路"),
        default=list,
    )
    # Without any, it is good everywhere and for everything.
    stores = models.ManyToManyField(
        Store, blank=True, verbose_name=_("可用門市"), related_name="+"
    )
    categories = models.ManyToManyField(
        Category, blank=True, verbose_name=_("適用分類"), related_name="+"
    )
    products = models.ManyToManyField(
        Product, blank=True, verbose_name=_("適用商品"), related_name="+"
    )

    validity = models.CharField(
        _("效期"), max_length=8, choices=Validity, default=Validity.FIXED
    )
    valid_from = models.DateTimeField(_("開始使用"), null=True, blank=True)
    # Half-open; of a coupon that counts days it is the last that any copy may reach.
    valid_until = models.DateTimeField(_("使用截止"), null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(_("有效天數"), null=True, blank=True)
    send_from = models.DateTimeField(_("開始發送"), null=True, blank=True)
    send_until = models.DateTimeField(_("發送截止"), null=True, blank=True)

    most_issued = models.PositiveIntegerField(_("發送總量"), null=True, blank=True)
    most_used = models.PositiveIntegerField(_("核銷總量"), null=True, blank=True)
    most_per_member = models.PositiveSmallIntegerField(
        _("每人可領"), null=True, blank=True, default=1
    )
    most_per_campaign = models.PositiveIntegerField(
        _("每個活動可發"), null=True, blank=True
    )
    most_per_staff_month = models.PositiveIntegerField(
        _("每位店員每月可發"), null=True, blank=True
    )
    # Kept by the verb that issues and by a trigger on the uses.
    issued = models.PositiveIntegerField(default=0, editable=False)
    used = models.PositiveIntegerField(default=0, editable=False)

    is_for_staff = models.BooleanField(_("開放店員發送"), default=False)
    # A word that members type to receive a copy, the same for everybody.
    claim_word = models.CharField(_("領券碼"), max_length=24, blank=True)
    codes = models.CharField(
        _("序號"), max_length=10, choices=Codes, default=Codes.GENERATED
    )
    barcode = models.CharField(
        _("條碼"), max_length=8, choices=Barcode, default=Barcode.CODE128
    )
    hue = models.PositiveSmallIntegerField(_("色相"), default=250)
    # What members are given when they receive, open and use a copy.
    received_tag = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, verbose_name=_("領取時加標籤"),
        related_name="+",
    )  # fmt: skip
    opened_tag = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, verbose_name=_("開啟時加標籤"),
        related_name="+",
    )  # fmt: skip
    redeemed_tag = models.ForeignKey(
        Tag, models.PROTECT, null=True, blank=True, verbose_name=_("核銷時加標籤"),
        related_name="+",
    )  # fmt: skip
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        verbose_name = _("優惠券")
        verbose_name_plural = pgettext_lazy("plural", "優惠券")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most_issued=None) | Q(issued__lte=F("most_issued")),
                name="coupon_issued_within_its_cap",
            ),
            models.CheckConstraint(
                condition=Q(most_used=None) | Q(used__lte=F("most_used")),
                name="coupon_used_within_its_cap",
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=10_000) & Q(amount__gte=0) & Q(minimum__gte=0),
                name="coupon_gives_a_sensible_amount",
            ),
            models.CheckConstraint(
                condition=Q(validity="fixed") | Q(valid_days__gte=1),
                name="coupon_counts_days_where_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None)
                | Q(valid_from=None)
                | Q(valid_from__lt=F("valid_until")),
                name="coupon_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["claim_word"],
                condition=~Q(claim_word="") & ~Q(state="ended"),
                name="one_live_coupon_a_claim_word",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)

    @property
    def terms_text(self) -> str:
        """Return the note for customers in the reader's language."""
        return in_language(self.note, self.note_en)

    @property
    def is_draft(self) -> bool:
        """Tell whether nobody but HQ has seen it."""
        return self.state == self.State.DRAFT

    @property
    def worth(self) -> str:
        """Return what it gives, in the reader's language."""
        if self.kind == self.Kind.AMOUNT:
            return gettext("折 NT$%(amount)s") % {"amount": f"{self.amount:,}"}
        if self.kind == self.Kind.PERCENT:
            off, paid = self.percent / 100, (10_000 - self.percent) / 100
            tenths = paid / 10 if paid % 10 == 0 else paid
            return in_language(f"{tenths:g} 折", f"{off:g}% off")
        return self.gift if self.kind == self.Kind.GIFT else gettext("免運費")

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is good at all."""
        if self.valid_until is None:
            return None
        return clock.day_of(self.valid_until - timedelta(microseconds=1))


class PackCode(models.Model):
    """A code that HQ uploaded, waiting to be handed out with a copy."""

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="pack")
    code = models.CharField(max_length=40)
    key = models.CharField(max_length=40, unique=True)  # `rules.coupons.key_of`
    is_taken = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("上傳序號")
        verbose_name_plural = pgettext_lazy("plural", "上傳序號")
        indexes = [
            models.Index(
                fields=["coupon", "id"],
                condition=Q(is_taken=False),
                name="pack_codes_left",
            ),
        ]

    def __str__(self) -> str:
        return self.code
