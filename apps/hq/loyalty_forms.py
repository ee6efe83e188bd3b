"""The forms of HQ's loyalty settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.catalog.models import Category
from apps.core import clock
from apps.core.money import WHOLE
from apps.loyalty.models import Coupon, GiftRule, PointRule, Tier, UpgradeCode
from apps.orders.models import Order

REQUIRED = {"required": gettext_lazy("請填這一欄")}
A_PERCENT = WHOLE // 100


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**REQUIRED, "invalid": gettext_lazy("請填正確的日期")},
        **kwargs,
    )


class TierForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """A tier: what reaches it, how long it is held, what renews it, what it brings."""

    class Meta:
        model = Tier
        fields = (
            "name", "name_en", "code", "upgrade_by", "upgrade_months", "threshold",
            "term_months", "renew_by", "renew_months", "renew_amount", "benefit",
            "entry_points",
        )  # fmt: skip
        help_texts = {
            "term_months": gettext_lazy("0 是永久；到期那天先看升等，再看續等"),
            "renew_amount": gettext_lazy("空白就和升等門檻相同"),
            "entry_points": gettext_lazy("因退款失去等級時收回"),
        }

    def clean_threshold(self) -> int:
        """Refuse a threshold below nothing, or of another tier."""
        threshold: int = self.cleaned_data["threshold"]
        if threshold < 0:
            raise forms.ValidationError(_("門檻不能小於 0"))
        others = Tier.objects.exclude(pk=self.instance.pk)
        if others.filter(threshold=threshold).exists():
            raise forms.ValidationError(_("已經有同樣門檻的等級"))
        return threshold

    def clean(self) -> dict[str, Any]:
        """Refuse a renewal that is harder than the upgrade by the same measure."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        renew, threshold = own.get("renew_amount"), own.get("threshold")
        if renew is not None and renew < 0:
            self.add_error("renew_amount", _("門檻不能小於 0"))
        same = own.get("upgrade_by") == own.get("renew_by")
        if same and renew is not None and threshold is not None and renew > threshold:
            self.add_error("renew_amount", _("續等門檻不能高於升等門檻"))
        return own


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """A new version of the rules of points, from a day on."""

    starts_on = _day(gettext_lazy("起始日"))
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("計點的通路"),
        choices=Order.Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不選就是全部通路"),
    )
    excluded = forms.ModelMultipleChoiceField(
        Category.objects.all(),
        label=gettext_lazy("不計點的分類"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    burn_percent = forms.IntegerField(
        label=gettext_lazy("每筆最多折抵（%）"),
        min_value=1,
        max_value=100,
        initial=100,
        error_messages=REQUIRED,
    )

    class Meta:
        model = PointRule
        fields = (
            "starts_on", "spend_per_point", "channels", "excluded", "release_from",
            "release_days", "expiry", "expiry_days", "expiry_month", "expiry_day",
            "point_value",
        )  # fmt: skip
        help_texts = {
            "release_from": gettext_lazy("門市當場帶走的消費，付款就算完成"),
            "release_days": gettext_lazy("0 是立刻生效"),
        }
        labels = {
            "expiry_month": gettext_lazy("隔年到期的月份"),
            "expiry_day": gettext_lazy("隔年到期的日子"),
            "point_value": gettext_lazy("每點折抵多少元"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tiers = list(Tier.objects.all())
        now = {
            m.tier_id: m.multiplier
            for m in (self.instance.multipliers.all() if self.instance.pk else ())
        }
        for tier in self.tiers:
            self.fields[f"tier_{tier.pk}"] = forms.DecimalField(
                label=tier.label,
                min_value=0,
                max_value=10,
                decimal_places=2,
                initial=now.get(tier.pk, WHOLE) / WHOLE,
                error_messages=REQUIRED,
            )
        if self.instance.pk:
            self.initial["burn_percent"] = self.instance.burn_share // A_PERCENT

    @property
    def tier_fields(self) -> list[forms.BoundField]:
        """Return the fields of how many times the points each tier earns."""
        return [self[f"tier_{tier.pk}"] for tier in self.tiers]

    @property
    def multipliers(self) -> dict[Tier, int]:
        """Return the multipliers in basis points."""
        return {
            tier: int(self.cleaned_data[f"tier_{tier.pk}"] * WHOLE)
            for tier in self.tiers
        }

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen way of expiring needs, and for a real day."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        if own.get("expiry") == PointRule.Expiry.DAYS and not own.get("expiry_days"):
            self.add_error("expiry_days", _("請填有效天數"))
        if own.get("expiry") == PointRule.Expiry.DATE:
            self._check_day(own.get("expiry_month"), own.get("expiry_day"))
        for tier in self.tiers:
            if own.get(f"tier_{tier.pk}") == 0:
                self.add_error(f"tier_{tier.pk}", _("倍數要大於 0"))
        return own

    def _check_day(self, month: int | None, day: int | None) -> None:
        longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
        if month is None or not 1 <= month <= 12:
            self.add_error("expiry_month", _("請填 1 到 12"))
        elif day is None or not 1 <= day <= longest.get(month, 31):
            self.add_error("expiry_day", _("這個月沒有這一天"))

    def rule(self) -> PointRule:
        """Return the version as it was typed, not yet saved."""
        own = self.cleaned_data
        names = (
            "starts_on", "spend_per_point", "channels", "release_from", "release_days",
            "expiry", "expiry_days", "expiry_month", "expiry_day", "point_value",
        )  # fmt: skip
        return PointRule(
            **{name: own[name] for name in names},
            burn_share=own["burn_percent"] * A_PERCENT,
        )


class PauseForm(forms.Form):
    """From which day to which points pay nothing, where, for what, and why."""

    since = _day(gettext_lazy("從"))
    until = _day(gettext_lazy("到（含當天）"))
    reason = forms.CharField(
        label=gettext_lazy("原因（顧客會看到）"),
        max_length=60,
        error_messages=REQUIRED,
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("暫停的通路"),
        choices=Order.Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不選就是全部通路"),
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(),
        label=gettext_lazy("暫停的分類"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不選就是全部商品"),
    )


class GiftForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """What an occasion brings."""

    starts_on = _day(gettext_lazy("起始日"))

    class Meta:
        model = GiftRule
        fields = ("is_active", "points", "coupon", "starts_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["coupon"]
        field.queryset = Coupon.objects.order_by("-pk")  # type: ignore[attr-defined]
        field.empty_label = _("不送優惠券")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask what is given, where anything is."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        if own.get("is_active") and not own.get("points") and not own.get("coupon"):
            self.add_error("points", _("請填點數，或選一張優惠券"))
        return own


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at runtime
    """A new upgrade code."""

    ends_on = _day(gettext_lazy("兌換到（含當天）"))
    code = forms.RegexField(
        r"^[A-Za-z0-9-]{4,24}$",
        label=gettext_lazy("升等碼"),
        required=False,
        help_text=gettext_lazy("空白就由系統產生"),
        error_messages={"invalid": gettext_lazy("用 4 到 24 個英文字母或數字")},
    )

    class Meta:
        model = UpgradeCode
        fields = ("tier", "code", "max_uses", "term_months")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("ends_on", clock.today() + timedelta(days=30))


class AdjustForm(forms.Form):
    """Points to give or take by hand, and why."""

    act = forms.ChoiceField(
        label=gettext_lazy("動作"),
        choices=[
            ("grant", gettext_lazy("贈點")),
            ("deduct", gettext_lazy("扣點")),
        ],
    )
    points = forms.IntegerField(
        label=pgettext_lazy("plural", "點數"),
        min_value=1,
        max_value=1_000_000,
        error_messages={**REQUIRED, "invalid": gettext_lazy("請填整數")},
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=120, error_messages=REQUIRED
    )
    # Drawn once for a form that is shown, so that a double click adjusts once.
    key = forms.UUIDField(widget=forms.HiddenInput)


class SetTierForm(forms.Form):
    """A tier by hand, until when, and why."""

    tier = forms.ModelChoiceField(
        Tier.objects.all(),
        label=gettext_lazy("等級"),
        empty_label=gettext_lazy("選擇等級"),
        error_messages=REQUIRED,
    )
    until = _day(gettext_lazy("到（含當天）"))
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=120, error_messages=REQUIRED
    )
