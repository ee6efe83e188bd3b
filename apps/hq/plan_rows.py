"""The rows of a plan's form: tiers of a month's sales, exceptions to the rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalog.models import Category
from apps.commissions import rules
from apps.hq import plan_fields as fields
from apps.stores.models import Store

SPARE = 2  # empty rows to fill in; more appear once these are stored
MOST_ROWS = 20


class TierForm(forms.Form):
    """From which sales a month on the part above pays more."""

    above = fields.amount(gettext_lazy("當月業績超過"), required=False)
    extra = fields.number(gettext_lazy("超過的部分再加 %"), required=False)

    def tier(self) -> rules.Tier | None:
        """Return the tier; None for a row left empty."""
        above, extra = self.cleaned_data.get("above"), self.cleaned_data.get("extra")
        if above is None and extra is None:
            return None
        return rules.Tier(above or 0, int((extra or 0) * 100))


class SpecialForm(forms.Form):
    """Another rate for a category, a store, or a category in a store."""

    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=gettext_lazy("分類"),
        required=False,
        empty_label=gettext_lazy("全部分類"),
    )
    store = forms.ModelChoiceField(
        Store.objects.all(),
        label=gettext_lazy("門市"),
        required=False,
        empty_label=gettext_lazy("全部門市"),
    )
    rate = fields.number(gettext_lazy("分潤"), required=False)
    unit = fields.unit(gettext_lazy("單位"))

    def clean(self) -> dict[str, Any]:
        """Ask for what the exception is about, and for a rate that can be."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        if own.get("rate") is None:
            return own
        if not (own.get("category") or own.get("store")):
            self.add_error("rate", _("請選分類或門市"))
            return own
        try:
            own["own"] = fields.rate_of(own["rate"], own.get("unit", fields.PERCENT))
        except ValueError as wrong:
            self.add_error("rate", str(wrong))
        return own

    def special(self) -> rules.Special | None:
        """Return the exception; None for a row left empty."""
        own = self.cleaned_data
        if own.get("rate") is None:
            return None
        category, store = own.get("category"), own.get("store")
        return rules.Special(
            own["own"], category.pk if category else None, store.pk if store else None
        )


Tiers = forms.formset_factory(TierForm, extra=SPARE, max_num=MOST_ROWS)
Specials = forms.formset_factory(SpecialForm, extra=SPARE, max_num=MOST_ROWS)


def special_rows(specials: Iterable[rules.Special]) -> Iterable[dict[str, Any]]:
    """Yield the exceptions as the rows show them."""
    for each in specials:
        rate, unit = fields.shown(each.rate)
        yield {
            "category": each.category_id,
            "store": each.store_id,
            "rate": rate,
            "unit": unit,
        }
