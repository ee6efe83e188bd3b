"""The fields of a commission's rates: amounts, numbers, and a number with its unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.commissions import rules

PERCENT, EACH = "percent", "each"
UNITS = [
    (PERCENT, gettext_lazy("% 業績")),
    (EACH, gettext_lazy("元／件")),
]
WHOLE_DOLLARS = {
    "required": gettext_lazy("請填金額，沒有就填 0"),
    "invalid": gettext_lazy("金額要是整數"),
    "min_value": gettext_lazy("不能是負數"),
}


def amount(label: Any, *, hint: Any = "", required: bool = True) -> forms.IntegerField:
    """Return a field of whole NT$."""
    return forms.IntegerField(
        label=label,
        help_text=hint,
        required=required,
        min_value=0,
        max_value=100_000_000,
        widget=forms.NumberInput(attrs={"class": "input", "step": 1}),
        error_messages=WHOLE_DOLLARS,
    )


def number(label: Any, *, required: bool = True) -> forms.DecimalField:
    """Return a field of per cent or NT$, to two places."""
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=8,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "input", "step": "any"}),
        error_messages={
            "required": gettext_lazy("請填數字，沒有就填 0"),
            "invalid": gettext_lazy("請填數字"),
            "min_value": gettext_lazy("不能是負數"),
            "max_decimal_places": gettext_lazy("最多兩位小數"),
        },
    )


def unit(label: Any) -> forms.ChoiceField:
    """Return the choice between per cent of sales and NT$ a piece."""
    return forms.ChoiceField(
        label=label, choices=UNITS, widget=forms.Select(attrs={"class": "input"})
    )


def rate_of(number: Decimal, unit: str) -> rules.Rate:
    """Read a number with its unit; ValueError says what is wrong."""
    if unit == EACH:
        if number != int(number):
            raise ValueError(_("每件金額要是整數"))
        if number > rules.MOST_EACH:
            raise ValueError(_("每件金額太大"))
        return rules.Rate(each=int(number))
    if number > 100:
        raise ValueError(_("不能超過 100%"))
    return rules.Rate(int(number * 100))


def shown(rate: rules.Rate) -> tuple[Decimal, str]:
    """Return a rate as the form shows it."""
    if rate.each:
        return Decimal(rate.each), EACH
    return (Decimal(rate.points) / 100).normalize() + 0, PERCENT
