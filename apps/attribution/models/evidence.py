"""Touches: the evidence; policies and credits: the ruling."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.attribution.models.links import PromoLink
from apps.catalog.models import Product
from apps.core.money import MoneyField
from apps.members.models import Member
from apps.orders.models import OrderLine
from apps.staff.models import Staff
from apps.stores.models import Store


class Touch(models.Model):
    """A recorded act of a salesperson or campaign towards a member.

    Some kinds earn credit where the policy has a class for them; the others are shown,
    and counted as influence. A campaign's have nobody behind them and never earn.
    """

    class Kind(models.TextChoices):
        LINK_SENT = "link_sent", _("傳送推廣連結")
        LINK_CLICK = "link_click", _("點擊推廣連結")
        CHAT_REPLY = "chat_reply", _("對話回覆")
        CART_BUILT = "cart_built", _("代選進購物車")
        CART_OPENED = "cart_opened", _("打開購物車")
        COUPON_ISSUED = "coupon_issued", _("發送優惠券")
        COUPON_REDEEMED = "coupon_redeemed", _("使用優惠券")
        BOOKING = "booking", _("預約服務")
        CAMPAIGN_CLICK = "campaign_click", _("點擊行銷訊息")

    kind = models.CharField(max_length=16, choices=Kind)
    member = models.ForeignKey(Member, models.PROTECT, related_name="touches")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="touches")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    # The very variant that was put into a cart; its product is enough where unknown.
    sku = models.CharField(max_length=40, blank=True, default="", db_default="")
    link = models.ForeignKey(PromoLink, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    # The row that proves it, such as ("message", "918"): a replay adds nothing.
    evidence_type = models.CharField(max_length=20)
    evidence_id = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("接觸紀錄")
        verbose_name_plural = pgettext_lazy("plural", "接觸紀錄")
        constraints = [
            models.UniqueConstraint(
                "kind", "evidence_type", "evidence_id", name="one_touch_a_proof"
            ),
            models.CheckConstraint(
                condition=Q(kind="campaign_click") ^ Q(staff__isnull=False),
                name="somebody_touched_or_a_campaign",
            ),
        ]
        indexes = [models.Index(fields=["member", "-at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.staff_id} → {self.member_id}"


class Policy(models.Model):
    """A version of the rules of credit. Published versions are never changed."""

    version = models.PositiveIntegerField(_("版本"), unique=True)
    effective_from = models.DateTimeField(_("生效時間"))
    # `rules.Policy.from_json` reads it: the ladder of classes with their windows.
    rules = models.JSONField(_("規則"))
    published_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", verbose_name=_("發布人")
    )

    class Meta:
        verbose_name = _("認列規則")
        verbose_name_plural = pgettext_lazy("plural", "認列規則")
        ordering = ["-effective_from", "-version"]

    def __str__(self) -> str:
        return f"v{self.version}"


class Basis(models.TextChoices):
    """The classes of credit, in the order of the default policy."""

    POS_SELLER = "pos_seller", _("門市結帳店員")
    CART = "cart", _("代客購物車")
    COUPON = "coupon", _("店員優惠券")
    LINK = "link", _("推廣連結")
    CHAT = "chat", _("對話協助")
    BOOKING = "booking", _("預約服務")
    BINDING = "binding", _("綁定推薦人")
    HOUSE = "house", _("總部或自主下單")


class Decision(models.Model):
    """Who earned an order line, with every candidate and why each lost."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="decisions")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=12, choices=Basis)
    # As `rules.Candidate.as_json`, in the order of the ladder.
    candidates = models.JSONField()
    # The staff among the candidates: who may read why.
    people = ArrayField(models.BigIntegerField(), default=list)
    # A candidate was the buyer (the same phone) and was left out.
    is_self_purchase = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    # The order's month was closed: the line is not decided again.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("認列決定")
        verbose_name_plural = pgettext_lazy("plural", "認列決定")
        indexes = [
            BrinIndex(fields=["decided_at"], name="decision_decided_brin"),
            GinIndex(fields=["people"], name="decision_people"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(superseded_at__isnull=True),
                name="one_decision_in_force_a_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.basis}"


class Credit(models.Model):
    """A share of an order line; without staff it is the house's."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="credits")
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="credits")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="credits")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="credits")
    share = models.PositiveIntegerField(default=10_000)  # basis points of the line
    amount = MoneyField()
    placed_at = models.DateTimeField()  # the order's, for the month's figures
    is_online = models.BooleanField()
    superseded_at = models.DateTimeField(null=True)
    # Set until the ledger has followed: a person's new credit, or a superseded one.
    accrual_due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("業績")
        verbose_name_plural = pgettext_lazy("plural", "業績")
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gte=1, share__lte=10_000), name="share_is_a_part"
            ),
            models.UniqueConstraint(
                "decision", "staff", name="one_share_a_person", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "-placed_at"],
                condition=Q(superseded_at__isnull=True),
                name="credit_in_force",
            ),
            models.Index(fields=["line"]),
            models.Index(
                "accrual_due_at",
                condition=Q(accrual_due_at__isnull=False),
                name="credit_accrual_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.amount}"
