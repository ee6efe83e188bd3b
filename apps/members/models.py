"""One person across channels, and the salesperson and store that person is bound to."""

from __future__ import annotations

import secrets

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.channels.models import Account
from apps.core.money import MoneyField
from apps.members.querysets import BindingQuerySet, MemberQuerySet
from apps.staff.models import Staff
from apps.stores.models import Store


def new_number() -> str:
    """Return a fresh 16-digit member number, as Code 128-C on the card wants it."""
    return f"28{secrets.randbelow(10**14):014d}"


class Member(models.Model):
    """A person the brand knows; a LINE friend who has not registered is a lead."""

    class Stage(models.TextChoices):
        LEAD = "lead", _("潛在顧客")
        REGISTERED = "registered", _("會員")

    class Gender(models.TextChoices):
        UNKNOWN = "", _("未填")
        FEMALE = "female", _("女")
        MALE = "male", _("男")
        OTHER = "other", _("其他")

    number = models.CharField(
        _("會員編號"), max_length=20, unique=True, default=new_number
    )
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    # What the person is called on the channel, where we have no name of our own.
    nickname = models.CharField(_("暱稱"), max_length=60, blank=True)
    phone = models.CharField(_("手機"), max_length=16, blank=True)  # E.164
    email = models.EmailField(_("電子郵件"), blank=True)
    gender = models.CharField(
        _("性別"), max_length=8, choices=Gender, default=Gender.UNKNOWN, blank=True
    )
    birthday = models.DateField(_("生日"), null=True, blank=True)
    stage = models.CharField(
        _("階段"), max_length=12, choices=Stage, default=Stage.LEAD
    )
    # How the person first came: "qr", "line", "web", "pos" …; kept for good.
    entry = models.CharField(_("來源"), max_length=20, blank=True)
    home_store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, verbose_name=_("入會門市"),
        related_name="+",
    )  # fmt: skip
    created_at = models.DateTimeField(_("建立時間"))
    registered_at = models.DateTimeField(_("入會時間"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("會員")
        verbose_name_plural = pgettext_lazy("plural", "會員")
        indexes = [
            models.Index(fields=["-created_at"]),
            models.Index(fields=["phone"]),
            GinIndex(
                fields=["name"], opclasses=["gin_trgm_ops"], name="member_name_trgm"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="lead") | Q(registered_at__isnull=False),
                name="a_registered_member_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return what staff call the person."""
        return self.name or self.nickname or self.number

    @property
    def hue(self) -> int:
        """Return the person's tint, one of 36, the same on every screen."""
        return hue_of(self.pk or 0)


def hue_of(pk: int) -> int:
    """Return the tint of the member with that key, for rows that are no members."""
    return pk * 110 % 360


class Identity(models.Model):
    """A key by which one system knows the member. A key is one person's."""

    class Kind(models.TextChoices):
        LINE = "line", "LINE"
        PHONE = "phone", _("手機")
        EMAIL = "email", _("電子郵件")
        SHOP = "shop", _("官網帳號")
        POS = "pos", _("POS 編號")

    class Friend(models.TextChoices):
        UNKNOWN = "unknown", _("未知")
        FRIEND = "friend", _("好友")
        BLOCKED = "blocked", _("已封鎖")

    member = models.ForeignKey(Member, models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=8, choices=Kind)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True)
    value = models.CharField(max_length=120)
    friend = models.CharField(max_length=8, choices=Friend, default=Friend.UNKNOWN)
    followed_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(max_length=60, blank=True)
    picture_url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("身分")
        verbose_name_plural = pgettext_lazy("plural", "身分")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "value"],
                name="one_member_a_key",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind="line", account__isnull=False)
                | (~Q(kind="line") & Q(account__isnull=True)),
                name="a_line_key_names_its_account",
            ),
        ]
        indexes = [models.Index(fields=["member", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @property
    def on_account(self) -> int:
        """Return the account that a LINE key is on; other keys are on none."""
        if self.account_id is None:
            raise ValueError(f"{self.kind} keys are on no account")
        return self.account_id


class BindingCode(models.Model):
    """The code behind the QR of a salesperson at a store; it can be revoked.

    What is printed is the code with a signature (`rules.tokens`), so that codes cannot
    be guessed or made up.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="binding_codes")
    store = models.ForeignKey(Store, models.PROTECT, related_name="binding_codes")
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Who took the slot over: what is printed on the old card leads there.
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("綁定碼")
        verbose_name_plural = pgettext_lazy("plural", "綁定碼")
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "store"],
                condition=Q(revoked_at__isnull=True),
                name="one_live_code_a_slot",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Binding(models.Model):
    """The effective-dated bond of a member to a salesperson and a store."""

    class Source(models.TextChoices):
        LOGIN = "login", _("掃碼（LINE 登入）")
        LIFF = "liff", _("掃碼（LINE 內頁）")
        MESSAGE = "message", _("掃碼（傳送訊息）")
        MANUAL = "manual", _("總部指定")
        IMPORT = "import", _("匯入")
        HANDOVER = "handover", _("離職交接")

    member = models.ForeignKey(Member, models.PROTECT, related_name="bindings")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="bindings")
    store = models.ForeignKey(Store, models.PROTECT, related_name="bindings")
    code = models.ForeignKey(BindingCode, models.PROTECT, null=True, related_name="+")
    period = DateTimeRangeField()
    source = models.CharField(max_length=10, choices=Source)
    created_at = models.DateTimeField()

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("綁定")
        verbose_name_plural = pgettext_lazy("plural", "綁定")
        constraints = [
            # Its losers would be given deadlocks: `services.bind` takes an advisory
            # lock per member first.
            ExclusionConstraint(
                name="one_salesperson_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False)
                & Q(period__lower_inc=True)
                & Q(period__upper_inc=False)
                & Q(period__lower_inf=False),
                name="binding_period_is_half_open",
            ),
        ]
        indexes = [
            models.Index(Upper("period"), "staff", name="binding_end_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.staff} @ {self.store}"


class Consent(models.Model):
    """The member said yes or no to being contacted: a fact that is never changed."""

    class Purpose(models.TextChoices):
        TERMS = "terms", _("會員條款與個人資料告知")
        MARKETING = "marketing", _("新品與優惠")

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=12)
    purpose = models.CharField(max_length=12, choices=Purpose)
    is_granted = models.BooleanField()
    source = models.CharField(max_length=20)
    notice = models.CharField(max_length=20)  # the version of the text that was shown
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("同意紀錄")
        verbose_name_plural = pgettext_lazy("plural", "同意紀錄")
        indexes = [models.Index(fields=["member", "purpose", "channel", "-at"])]

    def __str__(self) -> str:
        return f"{self.member} {self.purpose} {self.is_granted}"


class Tag(models.Model):
    """A word about members that staff and HQ share."""

    name = models.CharField(_("標籤"), max_length=30, unique=True)
    members = models.ManyToManyField(Member, related_name="tags", blank=True)

    class Meta:
        verbose_name = _("標籤")
        verbose_name_plural = pgettext_lazy("plural", "標籤")

    def __str__(self) -> str:
        return self.name


class MemberFacts(models.Model):
    """What is asked of a member all the time, kept up to date by the intake."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="facts"
    )
    orders = models.PositiveIntegerField(default=0)
    spend = MoneyField()
    spend_12m = MoneyField()
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("會員統計")
        verbose_name_plural = pgettext_lazy("plural", "會員統計")

    def __str__(self) -> str:
        return f"facts of {self.member_id}"
