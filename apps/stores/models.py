"""Regions, stores and what each store aims for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.money import MoneyField
from apps.core.names import in_language


class Region(models.Model):
    """A group of stores."""

    name = models.CharField(_("名稱"), max_length=40, unique=True)
    name_en = models.CharField(_("英文名稱"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("區域")
        verbose_name_plural = pgettext_lazy("plural", "區域")

    def __str__(self) -> str:
        return self.name


class Store(models.Model):
    """A shop with an address."""

    code = models.SlugField(_("門市代號"), max_length=20, unique=True)
    name = models.CharField(_("名稱"), max_length=40)
    name_en = models.CharField(_("英文名稱"), max_length=60, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name=_("區域"), related_name="stores"
    )
    city = models.CharField(_("縣市"), max_length=20, blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    phone = models.CharField(_("電話"), max_length=20, blank=True)
    opens_at = models.TimeField(_("開店時間"), null=True, blank=True)
    closes_at = models.TimeField(_("打烊時間"), null=True, blank=True)
    is_active = models.BooleanField(_("營業中"), default=True)

    class Meta:
        verbose_name = _("門市")
        verbose_name_plural = pgettext_lazy("plural", "門市")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name in the reader's language."""
        return in_language(self.name, self.name_en)


class Target(models.Model):
    """What a store aims to sell in a month (NT$, every channel)."""

    store = models.ForeignKey(
        Store, models.CASCADE, verbose_name=_("門市"), related_name="targets"
    )
    month = models.DateField(_("月份"))
    amount = MoneyField(_("目標金額"))

    class Meta:
        verbose_name = _("門市目標")
        verbose_name_plural = pgettext_lazy("plural", "門市目標")
        constraints = [
            models.UniqueConstraint("store", "month", name="one_target_a_month"),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="target_month_is_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store} {self.month:%Y/%m}"
