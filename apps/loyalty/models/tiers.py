"""The tiers of membership, who stands where, and how they came there."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core import clock
from apps.core.money import MoneyField
from apps.core.names import in_language
from apps.members.models import Member
from apps.staff.models import Staff


class Tier(models.Model):
    """A rung of membership: what reaches it, how long it is held, what renews it.

    The ladder is in the order of the thresholds. Spending is of paid orders, less
    what was refunded.
    """

    class Measure(models.TextChoices):
        LIFETIME = "lifetime", _("累積消費")
        MONTHS = "months", _("期間內消費")
        ORDER = "order", _("單筆消費")

    code = models.SlugField(_("代號"), max_length=12, unique=True)
    name = models.CharField(_("名稱"), max_length=20)
    name_en = models.CharField(_("英文名稱"), max_length=30, blank=True)
    upgrade_by = models.CharField(
        _("升等看"), max_length=8, choices=Measure, default=Measure.MONTHS
    )
    upgrade_months = models.PositiveSmallIntegerField(
        _("升等看幾個月"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    threshold = MoneyField(_("升等門檻"))
    # How long the tier is held before its renewal is checked; 0 is for ever.
    term_months = models.PositiveSmallIntegerField(
        _("等級效期（月）"), default=12, validators=[MaxValueValidator(60)]
    )
    renew_by = models.CharField(
        _("續等看"), max_length=8, choices=Measure, default=Measure.MONTHS
    )
    renew_months = models.PositiveSmallIntegerField(
        _("續等看幾個月"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    renew_amount = MoneyField(  # type: ignore[misc]  # whole dollars, or none
        _("續等門檻"), default=None, null=True, blank=True
    )
    benefit = models.CharField(_("權益"), max_length=60, blank=True)
    # What is given on coming up to the tier; a refund that undoes it takes it back.
    entry_points = models.PositiveIntegerField(_("升等禮點數"), default=0)

    class Meta:
        verbose_name = _("等級")
        verbose_name_plural = pgettext_lazy("plural", "等級")
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint("threshold", name="one_tier_a_threshold"),
            models.CheckConstraint(
                condition=Q(upgrade_months__range=(1, 60))
                & Q(renew_months__range=(1, 60)),
                name="tier_windows_within_five_years",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)


class Standing(models.Model):
    """The tier a member holds, since when, until when, and by what right."""

    class Right(models.TextChoices):
        SPEND = "spend", _("消費達標")
        MANUAL = "manual", _("人工調整")
        CODE = "code", _("升等碼")

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="standing"
    )
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="standings")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # when it is looked at again
    right = models.CharField(max_length=6, choices=Right, default=Right.SPEND)

    class Meta:
        verbose_name = _("會員等級")
        verbose_name_plural = pgettext_lazy("plural", "會員等級")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
                name="a_standing_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index("until", name="standing_until",
                         condition=Q(until__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member_id}: {self.tier_id}"

    @property
    def last_day(self) -> date | None:
        """Return the last day of the tier before it is looked at again."""
        return clock.last_day_before(self.until)


class TierChange(models.Model):
    """A move on the ladder and its reason: added, never changed."""

    class Reason(models.TextChoices):
        START = "start", _("入會")
        UPGRADE = "upgrade", _("達到升等門檻")
        RENEWAL = "renewal", _("達到續等門檻")
        EXPIRY = "expiry", _("效期屆滿，未達續等門檻")
        REFUND = "refund", _("退款後未達門檻")
        MANUAL = "manual", _("人工調整")
        CODE = "code", _("輸入升等碼")
        MERGE = "merge", _("會員合併")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="tier_changes", db_index=False
    )
    before = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_index=False
    )
    after = models.ForeignKey(
        Tier, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=8, choices=Reason)
    # What was measured.
    spent = MoneyField(default=None, null=True)  # type: ignore[misc]  # or none
    until = models.DateTimeField(null=True)
    note = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(
        Staff, models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("等級異動")
        verbose_name_plural = pgettext_lazy("plural", "等級異動")
        indexes = [models.Index(fields=["member", "-at"], name="tier_change_member")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.before_id} → {self.after_id}"


class SpendWindow(models.Model):
    """What a member spent within some months, and at most in one order of them.

    Kept by the intake for the windows that tiers ask for and the members' facts do
    not hold: any but twelve months, and single orders.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    months = models.PositiveSmallIntegerField()  # 0 is a whole life
    spend = MoneyField()
    best_order = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint("member", "months", name="one_window_a_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}/{self.months}: {self.spend}"


class UpgradeCode(models.Model):
    """A code that puts who enters it on a tier."""

    code = models.CharField(_("升等碼"), max_length=24, unique=True)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="codes")
    term_months = models.PositiveSmallIntegerField(
        _("效期（月）"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    ends_at = models.DateTimeField(_("兌換期限"))
    max_uses = models.PositiveIntegerField(_("可用次數"), default=1)
    used = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("升等碼")
        verbose_name_plural = pgettext_lazy("plural", "升等碼")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used__lte=F("max_uses")), name="code_within_its_uses"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class UpgradeCodeUse(models.Model):
    """A member entered a code; once each."""

    code = models.ForeignKey(UpgradeCode, models.PROTECT, related_name="uses")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("code", "member", name="one_use_a_code_and_member"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.member_id}"
