"""The tiers of membership and who stands where."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.core.names import in_language
from apps.members.models import Member


class Tier(models.Model):
    """A rung of membership, reached by what was spent in twelve months."""

    code = models.SlugField(_("代號"), max_length=12, unique=True)
    name = models.CharField(_("名稱"), max_length=20)
    name_en = models.CharField(_("英文名稱"), max_length=30, blank=True)
    threshold = MoneyField(_("十二個月消費門檻"))
    benefit = models.CharField(_("權益"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("等級")
        verbose_name_plural = pgettext_lazy("plural", "等級")
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint("threshold", name="one_tier_a_threshold"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)


class Standing(models.Model):
    """The tier a member holds."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="standing"
    )
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="standings")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("會員等級")
        verbose_name_plural = pgettext_lazy("plural", "會員等級")

    def __str__(self) -> str:
        return f"{self.member_id}: {self.tier_id}"
