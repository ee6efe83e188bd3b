"""The forms of HQ's plans of commission: whose, what they pay, an example, a day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.commissions import rules
from apps.commissions.models import PlanDraft
from apps.commissions.models.plan import STORE_ROLES
from apps.hq import plan_fields as fields
from apps.hq.plan_rows import Specials, Tiers, special_rows
from apps.staff.models import Staff
from apps.stores.models import Store


class ScopeForm(forms.Form):
    """Whom a new draft is for; at most one is chosen."""

    role = forms.ChoiceField(
        label=gettext_lazy("角色"),
        choices=[("", gettext_lazy("不限角色")), *STORE_ROLES],
        required=False,
    )
    store = forms.ModelChoiceField(
        Store.objects.all(),
        label=gettext_lazy("門市"),
        required=False,
        empty_label=gettext_lazy("不限門市"),
    )
    staff = forms.ModelChoiceField(
        Staff.objects.serving(),
        label=gettext_lazy("店員"),
        required=False,
        empty_label=gettext_lazy("不限店員"),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two at once: a plan is of one person, one store or one role."""
        own: dict[str, Any] = super().clean() or self.cleaned_data
        if sum(bool(own.get(name)) for name in ("role", "store", "staff")) > 1:
            raise forms.ValidationError(_("角色、門市、店員只能選一項"))
        return own

    def scope(self) -> rules.Scope:
        """Return whom it is for."""
        own = self.cleaned_data
        return rules.Scope(
            own["staff"].pk if own["staff"] else None,
            own["store"].pk if own["store"] else None,
            own["role"],
        )


class TermsForm(forms.Form):
    """A draft's terms; its tiers and exceptions are rows beside it."""

    name = forms.CharField(
        label=gettext_lazy("方案名稱"),
        max_length=40,
        error_messages={"required": gettext_lazy("請替這個方案取個名字")},
    )
    online = fields.number(gettext_lazy("線上導購"))
    online_unit = fields.unit(gettext_lazy("線上導購的單位"))
    in_store = fields.number(gettext_lazy("門市銷售"))
    in_store_unit = fields.unit(gettext_lazy("門市銷售的單位"))
    threshold = fields.amount(
        gettext_lazy("當月業績門檻"),
        hint=gettext_lazy("當月淨業績未達這個金額，那個月不發分潤。0 是沒有門檻。"),
    )
    recruit = fields.amount(
        gettext_lazy("招募獎金（每位新會員）"),
        hint=gettext_lazy("由店員綁定後註冊的新會員，一位只發一次。"),
    )
    received = fields.amount(gettext_lazy("取貨備貨（每單）"))
    handed = fields.amount(gettext_lazy("取貨交貨（每單）"))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        given = kwargs.get("initial") or {}
        self.tiers = Tiers(data, prefix="tiers", initial=given.get("tiers"))
        self.specials = Specials(data, prefix="specials", initial=given.get("specials"))

    @classmethod
    def of(cls, draft: PlanDraft) -> TermsForm:
        """Return the form filled with the draft."""
        terms = draft.read()
        online, online_unit = fields.shown(terms.online)
        in_store, in_store_unit = fields.shown(terms.store)
        return cls(
            initial={
                "name": draft.name,
                "online": online,
                "online_unit": online_unit,
                "in_store": in_store,
                "in_store_unit": in_store_unit,
                "threshold": terms.threshold,
                "recruit": terms.recruit,
                "received": terms.received,
                "handed": terms.handed,
                "tiers": [
                    {"above": t.above, "extra": fields.shown(rules.Rate(t.extra))[0]}
                    for t in terms.tiers
                ],
                "specials": list(special_rows(terms.specials)),
            }
        )

    def is_valid(self) -> bool:
        """Check the form and its rows, and that the terms make sense together."""
        sound = all(
            [super().is_valid(), self.tiers.is_valid(), self.specials.is_valid()]
        )
        if not sound:
            return False
        try:
            self.terms = self._terms()
        except ValueError as wrong:
            self.add_error(None, _told(wrong))
        return not self.errors

    def _terms(self) -> rules.Terms:
        own = self.cleaned_data
        tiers = [row.tier() for row in self.tiers]
        specials = [row.special() for row in self.specials]
        made = rules.Terms(
            online=fields.rate_of(own["online"], own["online_unit"]),
            store=fields.rate_of(own["in_store"], own["in_store_unit"]),
            threshold=own["threshold"],
            tiers=tuple(sorted(filter(None, tiers), key=lambda tier: tier.above)),
            specials=tuple(filter(None, specials)),
            recruit=own["recruit"],
            received=own["received"],
            handed=own["handed"],
        )
        return rules.Terms.from_json(made.as_json())


def _told(wrong: ValueError) -> str:
    """Say in the reader's language why terms make no sense together."""
    said = {
        "tiers must rise": _("兩個級距的金額相同"),
        "the first tier must not lie below the threshold": _("級距不能低於門檻"),
        "an exception is named twice": _("同一個分類或門市寫了兩次例外"),
        "a rate must be 0 to 10,000 basis points": _("比率要在 0 到 100% 之間"),
    }
    return said.get(str(wrong), str(wrong))


class ExampleForm(forms.Form):
    """A month to work out."""

    online = fields.amount(gettext_lazy("線上導購業績"), required=False)
    in_store = fields.amount(gettext_lazy("門市銷售業績"), required=False)
    pieces = fields.amount(gettext_lazy("件數"), required=False)

    def figures(self) -> dict[str, int]:
        """Return what to work out; nothing typed is a month of believable size."""
        own = self.cleaned_data if self.is_valid() else {}
        usual = {"online": 300_000, "in_store": 120_000, "pieces": 150}
        typed = {name: own.get(name) for name in usual}
        if all(value is None for value in typed.values()):
            return usual
        return {name: value or 0 for name, value in typed.items()}


class StartForm(forms.Form):
    """From which day on a draft is to hold, or a plan no more."""

    day = forms.DateField(
        label=gettext_lazy("起始日"),
        help_text=gettext_lazy("這天 0 時起成立的訂單適用；之前的不會重算。"),
        widget=forms.DateInput(
            attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"
        ),
        error_messages={
            "required": gettext_lazy("請選日期"),
            "invalid": gettext_lazy("請填正確的日期"),
        },
    )
