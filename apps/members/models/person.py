"""A person the brand knows, and the keys by which each system knows them."""

from __future__ import annotations

import secrets

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.channels.models import Account
from apps.members.querysets import MemberQuerySet
from apps.stores.models import Store

# Ids that are unique only within the shop, app or till that gave them.
LOCAL_KINDS = ("shop", "app", "pos")


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
    # Set where the person turned out to be somebody we know: the row stays, as an
    # alias that leads there, always in one step.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="aliases",
        db_index=False,
    )  # fmt: skip

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("會員")
        verbose_name_plural = pgettext_lazy("plural", "會員")
        indexes = [
            models.Index(fields=["-created_at"]),
            models.Index(fields=["phone"]),
            # Upper case, as `icontains` asks; one index for both columns.
            GinIndex(
                OpClass(Upper("name"), "gin_trgm_ops"),
                OpClass(Upper("nickname"), "gin_trgm_ops"),
                name="member_names_trgm",
            ),
            models.Index(
                "merged_into", name="member_alias",
                condition=Q(merged_into__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="lead") | Q(registered_at__isnull=False),
                name="a_registered_member_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="nobody_is_their_own_alias",
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
        CARD = "card", _("會員卡號")
        SHOP = "shop", _("官網帳號")
        APP = "app", _("App 帳號")
        POS = "pos", _("POS 編號")
        EMAIL = "email", _("電子郵件")

    class Friend(models.TextChoices):
        UNKNOWN = "unknown", _("未知")
        FRIEND = "friend", _("好友")
        BLOCKED = "blocked", _("已封鎖")

    member = models.ForeignKey(Member, models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=8, choices=Kind)
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True)
    # Which shop, app or till gave the id, such as "shopify-tw"; others need none.
    system = models.CharField(max_length=40, blank=True)
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
                fields=["kind", "account", "system", "value"],
                name="one_member_a_key",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind="line", account__isnull=False)
                | (~Q(kind="line") & Q(account__isnull=True)),
                name="a_line_key_names_its_account",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LOCAL_KINDS) & ~Q(system="")
                | ~Q(kind__in=LOCAL_KINDS) & Q(system=""),
                name="a_local_key_names_its_system",
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
